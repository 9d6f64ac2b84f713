import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import { createTransport, type Transport, type TransportOptions } from '../../../lib/volcengine/transport.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

export const REQUEST = { path: '/?Action=ActiveFlowLog', headers: { 'x-date': '20260101T000000Z' } };
/** Run after each test, in this order. */
export const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  // Servers first: a transport waits for its running calls.
  for (const close of closers.splice(0)) await close();
});

export async function serve(respond: (socket: Socket, count: number) => void): Promise<RawServer> {
  const server = await startRawServer(respond);
  closers.unshift(() => server.close());
  return server;
}

export function connect(endpoint: string, options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport({ endpoint, timeoutMs: 20_000, ...options });
  closers.push(() => transport.close());
  return transport;
}
