import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { foreignSign } from './foreign-request.ts';

/**
 * Listens on 127.0.0.1 only, and answers the port (a free one for 0). Requests of foreign web pages get 403.
 * Rejects with the error of `listen`, EADDRINUSE for one.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  refuseForeignRequests(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return address.port;
}

/**
 * Answers 403 in place of the server's own listeners to what a foreign web page has sent. For a server that already
 * has its listeners, and listens by itself.
 */
export function refuseForeignRequests(server: Server): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const sign = foreignSign(request.headers);
    if (sign !== undefined) return refuse(response, sign);
    for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  });
}

/** RFC 9457. The type is `about:blank`: no deployed API answers this. */
function refuse(response: ServerResponse, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, detail });
  response.writeHead(403, { 'content-type': 'application/problem+json' }).end(body);
}

/** Cuts every connection, open requests included. Resolves when what belongs to the server, such as files, is closed. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

/** Takes no more connections, and resolves when the requests under way have been answered. */
export async function drainServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
