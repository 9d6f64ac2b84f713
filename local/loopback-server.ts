import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { foreignSign } from '../lib/http/foreign-request.ts';

/**
 * Listens on 127.0.0.1 only and returns the port (a free one for 0). Requests of foreign web pages get 403.
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
 * Responds with 403 to requests of foreign web pages, instead of the server's own listeners. For a server that already
 * has its listeners and calls `listen` itself.
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

/** RFC 9457. The type is `about:blank`, because no deployed API returns this problem. */
function refuse(response: ServerResponse, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, detail });
  response.writeHead(403, { 'content-type': 'application/problem+json' }).end(body);
}

/** Closes every connection, also with open requests. Resolves when the server's resources, such as files, are closed. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

/** Accepts no more connections. Resolves when the running requests have a response. */
export async function drainServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
