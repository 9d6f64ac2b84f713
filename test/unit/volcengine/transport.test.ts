import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createTransport } from '../../../lib/volcengine/transport.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { httpResponse, startRawServer } from './raw-server.ts';
import { closers, connect, REQUEST, serve } from './transport-harness.ts';

describe('a reply', () => {
  test('comes with status, body and the two headers that matter', async () => {
    const headers = { date: 'Thu, 01 Jan 2026 00:00:00 GMT', 'retry-after': '7' };
    const server = await serve((socket) => socket.write(httpResponse('503 Busy', '{"a":"冻结"}', headers)));
    const sent = { host: server.host, 'x-date': 'D' };
    const reply = await connect(server.url).get({ path: REQUEST.path, headers: sent });
    expect(reply).toEqual({
      kind: 'reply',
      httpStatus: 503,
      body: '{"a":"冻结"}',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      retryAfter: '7',
    });
    const [line, ...received] = server.requests[0]?.split('\r\n') ?? [];
    expect(line).toBe('GET /?Action=ActiveFlowLog HTTP/1.1');
    expect(received.filter((header) => /^host:/i.test(header))).toEqual([`host: ${server.host}`]);
    expect(received).toContain('x-date: D');
  });

  test('is asked for by name and version, those of package.json', async () => {
    const server = await serve((socket) => socket.write(httpResponse('200 OK', '{}')));
    await connect(server.url).get(REQUEST);
    expect(server.requests[0]).toContain(`user-agent: ${manifest.name}/${manifest.version}`);
  });

  test('is read across chunks, inside a character, after 1xx', async () => {
    const [head, tail] = [Buffer.from('冻结').subarray(0, 2), Buffer.from('冻结').subarray(2)];
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n';
    const server = await serve((socket) => {
      socket.write(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n`);
      socket.write(head, () => socket.write(tail));
    });
    expect(await connect(server.url).get(REQUEST)).toEqual({ kind: 'reply', httpStatus: 200, body: '冻结' });
  });

  test.each([
    ['a redirect is not followed', httpResponse('302 Found', '', { location: '/elsewhere' }), 302, ''],
    ['HTML passes as it is', httpResponse('502 Bad Gateway', '<html>'), 502, '<html>'],
    ['an empty body too', httpResponse('204 No Content', ''), 204, ''],
  ])('%s', async (_name, raw, httpStatus, body) => {
    const server = await serve((socket) => socket.write(raw));
    expect(await connect(server.url).get(REQUEST)).toEqual({ kind: 'reply', httpStatus, body });
    expect(server.requests).toHaveLength(1);
  });

  test('a repeated header is as good as none', async () => {
    const server = await serve((socket) =>
      socket.write('HTTP/1.1 429 No\r\nretry-after: 1\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(await connect(server.url).get(REQUEST)).toEqual({ kind: 'reply', httpStatus: 429, body: '' });
  });
});

describe('a failure of the way is a value', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const endingWith = (rest: string) => (socket: Socket) => void socket.end(`${head}${rest}`);
  const upgrade = 'HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
  const cases: [string, (socket: Socket) => void, string][] = [
    ['reset before a reply', (socket) => socket.resetAndDestroy(), 'ConnectionReset'],
    ['closed before a reply', (socket) => socket.end(), 'ConnectionClosed'],
    ['not HTTP at all', (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'), 'InvalidResponse'],
    ['closed within the headers', endingWith('content-le'), 'ConnectionClosed'],
    ['truncated by content-length', endingWith('content-length: 99\r\n\r\n{"a"'), 'ConnectionClosed'],
    ['truncated chunks', endingWith('transfer-encoding: chunked\r\n\r\n5\r\nab'), 'ConnectionClosed'],
    [
      'reset within the body',
      (socket) => socket.write(`${head}content-length: 99\r\n\r\n{`, () => socket.resetAndDestroy()),
      'ConnectionReset',
    ],
    ['huge headers', (socket) => socket.write(`${head}x: ${'y'.repeat(100_000)}\r\n\r\n`), 'InvalidResponse'],
    ['an uninvited upgrade', (socket) => socket.end(upgrade), 'ConnectionClosed'],
  ];
  test.each(cases)('%s', async (_name, respond, code) => {
    const server = await serve(respond);
    const outcome = await connect(server.url).get(REQUEST);
    expect(outcome).toMatchObject({ kind: 'network-failure', code });
    expect(server.requests).toHaveLength(1);
  });

  test('a body of 10 MB, announced or not', async () => {
    const body = 'x'.repeat(10_000_000);
    const server = await serve((socket, count) => {
      if (count === 1) socket.write(httpResponse('200 OK', body));
      else socket.end(`${head}connection: close\r\n\r\n${body}`);
    });
    const transport = connect(server.url);
    for (const _framing of ['content-length', 'until close']) {
      expect(await transport.get(REQUEST)).toMatchObject({ kind: 'network-failure', code: 'InvalidBody' });
    }
  });

  test('a body of just the allowed size passes', async () => {
    const server = await serve((socket) => socket.write(httpResponse('200 OK', 'x'.repeat(1000))));
    const limitedTo = (maxBodyBytes: number) => connect(server.url, { maxBodyBytes }).get(REQUEST);
    expect(await limitedTo(1000)).toMatchObject({ httpStatus: 200 });
    expect(await limitedTo(999)).toMatchObject({ code: 'InvalidBody' });
  });

  test('connection refused', async () => {
    const server = await startRawServer(() => {});
    await server.close();
    expect(await connect(server.url).get(REQUEST)).toMatchObject({ code: 'ConnectionRefused' });
  });

  test('a name that does not resolve', async () => {
    const outcome = await connect('http://no-such-host.invalid', { timeoutMs: 2000 }).get(REQUEST);
    const code = expect.stringMatching(/^(NameNotResolved|ConnectTimeout|Timeout)$/);
    expect(outcome).toMatchObject({ code });
  });

  test('TLS against a server that speaks none', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.end(httpResponse('400 No', ''))));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closers.unshift(async () => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await connect(`https://127.0.0.1:${port}`).get(REQUEST)).toMatchObject({ code: 'TlsFailure' });
  });

  test('a header that cannot be sent, without its value in the message', async () => {
    const server = await serve((socket) => socket.write(httpResponse('200 OK', '')));
    const headers = { authorization: 'secret\r\nvalue' };
    const outcome = await connect(server.url).get({ path: '/', headers });
    expect(outcome).toMatchObject({ code: 'InvalidRequest', message: expect.not.stringContaining('secret') });
    expect(server.requests).toEqual([]);
  });

  test('a connection that was kept alive and then reset: the request is not repeated', async () => {
    const server = await serve((socket, count) => {
      if (count === 1) socket.write(httpResponse('200 OK', ''));
      else socket.resetAndDestroy();
    });
    const transport = connect(server.url, { connections: 1 });
    expect(await transport.get(REQUEST)).toMatchObject({ httpStatus: 200 });
    expect(await transport.get(REQUEST)).toMatchObject({ kind: 'network-failure' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('close', () => {
  test('lets a running call end, fails later ones, and may be called twice', async () => {
    const server = await serve((socket) => setImmediate(() => socket.write(httpResponse('200 OK', 'done'))));
    const transport = connect(server.url);
    const running = transport.get(REQUEST);
    await Promise.all([transport.close(), transport.close()]);
    expect(await running).toMatchObject({ body: 'done' });
    expect(await transport.get(REQUEST)).toMatchObject({ code: 'TransportClosed' });
  });
});

test.each([
  { timeoutMs: 0 },
  { timeoutMs: Number.NaN },
  { timeoutMs: 2 ** 31 },
  { maxBodyBytes: -1 },
  { connections: 1.5 },
])('refuses %o', (options) => {
  const creating = () => createTransport({ endpoint: 'http://localhost', timeoutMs: 1, ...options });
  expect(creating).toThrow(RangeError);
});
