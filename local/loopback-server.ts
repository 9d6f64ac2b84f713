import { once } from 'node:events';
import type { Server } from 'node:http';

/**
 * Listens on 127.0.0.1 only, and answers the port (a free one for 0).
 * Rejects with the error of `listen`, EADDRINUSE for one.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return address.port;
}

/** Cuts every connection, open requests included. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Takes no more connections, and resolves when the requests under way have been answered. */
export async function drainServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
