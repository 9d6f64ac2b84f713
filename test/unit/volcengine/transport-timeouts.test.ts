import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { ResponseCollector } from '../../../lib/volcengine/response-collector.ts';
import type { TransportOptions } from '../../../lib/volcengine/transport.ts';
import { httpResponse } from './raw-server.ts';
import { connect, REQUEST, serve } from './transport-harness.ts';

describe('time limits', () => {
  const slowBody = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx');
  test.each<[string, (socket: Socket) => void, Partial<TransportOptions>, string]>([
    ['no headers, in all', () => {}, { timeoutMs: 50 }, 'Timeout'],
    ['no end of the body, in all', slowBody, { timeoutMs: 50 }, 'Timeout'],
    ['headers', () => {}, { headersTimeoutMs: 50 }, 'HeadersTimeout'],
    ['body', slowBody, { bodyTimeoutMs: 50 }, 'BodyTimeout'],
  ])('%s', async (_name, respond, options, code) => {
    const server = await serve(respond);
    expect(await connect(server.url, options).get(REQUEST)).toMatchObject({ kind: 'network-failure', code });
  });

  test('a body that trickles for ever', async () => {
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n');
      const trickle = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(trickle));
    });
    const outcome = await connect(server.url, { timeoutMs: 60 }).get(REQUEST);
    expect(outcome).toMatchObject({ code: 'Timeout', message: expect.stringContaining('reading the body') });
  });

  test('holds while waiting for a connection, and the call given up is never sent', async () => {
    const server = await serve((socket, count) => count !== 2 && socket.write(httpResponse('200 OK', '')));
    const transport = connect(server.url, { connections: 1, timeoutMs: 300 });
    // All code is loaded before: the two below begin, and are given up, at the same time.
    expect(await transport.get({ ...REQUEST, path: '/?warm' })).toMatchObject({ httpStatus: 200 });
    const [first, second] = await Promise.all([
      transport.get({ ...REQUEST, path: '/?first' }),
      transport.get({ ...REQUEST, path: '/?second' }),
    ]);
    expect(first).toMatchObject({
      code: 'Timeout',
      message: expect.stringContaining('waiting for the reply'),
    });
    expect(second).toMatchObject({ code: 'Timeout', message: expect.stringContaining('connecting') });
    expect(await transport.get({ ...REQUEST, path: '/?third' })).toMatchObject({ httpStatus: 200 });
    expect(server.requests.map((request) => request.split(' ')[1])).toEqual(['/?warm', '/?first', '/?third']);
  });

  test('ends the connection of the call given up', async () => {
    const closed = Promise.withResolvers<boolean>();
    const server = await serve((socket) => socket.on('close', () => closed.resolve(true)));
    expect(await connect(server.url, { timeoutMs: 50 }).get(REQUEST)).toMatchObject({ code: 'Timeout' });
    expect(await closed.promise).toBe(true);
  });

  test('leaves no timer behind', () => {
    vi.useFakeTimers();
    try {
      const settle = vi.fn();
      new ResponseCollector(1000, settle).onResponseEnd();
      new ResponseCollector(1000, settle).onResponseError(null, new Error('reset'));
      expect(vi.getTimerCount()).toBe(0);
      expect(settle).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
