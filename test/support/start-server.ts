import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';

/** A server on loopback until the test is over, or until `onEnd` says; resolves with its URL. */
export async function startServer(
  respond: RequestListener,
  onEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const server = createServer(respond);
  onEnd(() => closeServer(server));
  return `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
}
