import { once } from 'node:events';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { createCheckedLookup } from '../../../lib/webhook-delivery/http/egress.ts';
import {
  createWebhookClient,
  type WebhookClientOptions,
} from '../../../lib/webhook-delivery/http/webhook-client.ts';
import { closeServer } from '../../../local/loopback-server.ts';
import { httpResponse, startRawServer } from '../volcengine/raw-server.ts';
import { createCertificate } from './certificate.ts';

const REQUEST = {
  headers: { 'webhook-id': 'msg_1', 'content-type': 'application/cloudevents+json' },
  body: '{"a":"冻结"}',
};
const PATH = '/in/T0P-SECRET?key=K3Y';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(respond: (socket: Socket, count: number) => void) {
  const server = await startRawServer(respond);
  closers.push(() => server.close());
  return server;
}

function clientOf(url: string, options: Partial<WebhookClientOptions> = {}) {
  const client = createWebhookClient({ url: new URL(url), timeoutMs: 20_000, connections: 2, ...options });
  closers.push(() => client.close());
  return client;
}

describe('a POST', () => {
  test('goes to the path and query of its URL, with its headers and bytes', async () => {
    const bodies: Buffer[] = [];
    const server = await serve((socket) => {
      socket.on('data', (chunk) => bodies.push(chunk));
      socket.write(httpResponse('200 OK', 'thanks'));
    });
    const outcome = await clientOf(server.url + PATH).post(REQUEST);
    expect(outcome).toEqual({ kind: 'answer', httpStatus: 200, excerpt: 'thanks' });
    const [line, ...headers] = server.requests[0]?.split('\r\n') ?? [];
    expect(line).toBe(`POST ${PATH} HTTP/1.1`);
    expect(headers).toEqual(
      expect.arrayContaining([
        `host: ${server.host}`,
        'webhook-id: msg_1',
        'content-type: application/cloudevents+json',
        'user-agent: flow-log-activator',
        `content-length: ${Buffer.byteLength(REQUEST.body)}`,
      ]),
    );
  });

  test('keeps its connection for the next', async () => {
    const sockets = new Set<Socket>();
    const server = await serve((socket) => {
      sockets.add(socket);
      socket.write(httpResponse('204 No Content', ''));
    });
    const { post } = clientOf(server.url, { connections: 1 });
    for (const _ of [1, 2, 3]) expect(await post(REQUEST)).toMatchObject({ httpStatus: 204 });
    expect(sockets.size).toBe(1);
  });

  test.each(['301 Moved', '302 Found', '307 Temporary', '308 Permanent'])('follows no %s', async (status) => {
    const server = await serve((socket) =>
      socket.write(httpResponse(status, '', { location: '/elsewhere' })),
    );
    expect(await clientOf(server.url).post(REQUEST)).toMatchObject({
      kind: 'answer',
      httpStatus: Number(status.slice(0, 3)),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('goes through no proxy of the environment', async () => {
    const proxy = await serve((socket) => socket.end());
    const server = await serve((socket) => socket.write(httpResponse('200 OK', '')));
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => process.env[name]);
    try {
      for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
      expect(await clientOf(server.url).post(REQUEST)).toMatchObject({ httpStatus: 200 });
    } finally {
      for (const [index, name] of names.entries()) {
        const value = before[index];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect([proxy.requests.length, server.requests.length]).toEqual([0, 1]);
  });
});

describe('the answer', () => {
  test('is the last one after any 1xx, with its Retry-After if there is one', async () => {
    const server = await serve((socket, count) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nretry-after: 9\r\n\r\n');
      const repeated = count === 1 ? '' : 'retry-after: 8\r\n';
      socket.write(`HTTP/1.1 503 Busy\r\nretry-after: 7\r\n${repeated}content-length: 0\r\n\r\n`);
    });
    const { post } = clientOf(server.url);
    expect(await post(REQUEST)).toEqual({ kind: 'answer', httpStatus: 503, retryAfter: '7', excerpt: '' });
    expect(await post(REQUEST)).toEqual({ kind: 'answer', httpStatus: 503, excerpt: '' });
  });

  test('is read to 64 kB, and 1 kB of it is kept', async () => {
    let written = 0;
    let closed = false;
    const server = await serve((socket) => {
      socket.on('close', () => {
        closed = true;
      });
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = () => {
        while (!socket.destroyed && socket.write('x'.repeat(10_000))) written += 10_000;
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    });
    const outcome = await clientOf(server.url).post(REQUEST);
    expect(outcome).toEqual({ kind: 'answer', httpStatus: 200, excerpt: 'x'.repeat(1_024) });
    await expect.poll(() => closed).toBe(true);
    expect(written).toBeLessThan(20_000_000);
  });

  test('is one printable line without the path of the URL', async () => {
    const body = `\u0000<pre>Cannot POST ${PATH}</pre>\r\n\u001b[31m冻结\ufffe\u202e or /in/T0P-SECRET`;
    const server = await serve((socket) => socket.write(httpResponse('404 Not Found', body)));
    const outcome = await clientOf(server.url + PATH).post(REQUEST);
    expect(outcome).toMatchObject({ excerpt: '<pre>Cannot POST ***</pre> [31m冻结 or ***' });
  });

  test.each([
    ['a body that never ends', 'content-length: 99\r\n\r\nsome'],
    ['a body that never begins', 'content-length: 99\r\n\r\n'],
  ])('is its status, after %s', async (_name, rest) => {
    const server = await serve((socket) => socket.write(`HTTP/1.1 202 Accepted\r\n${rest}`));
    expect(await clientOf(server.url, { timeoutMs: 300 }).post(REQUEST)).toMatchObject({ httpStatus: 202 });
  });

  test('is its status, after a body that breaks off', async () => {
    const server = await serve((socket) => socket.end('HTTP/1.1 500 No\r\ncontent-length: 99\r\n\r\nsome'));
    expect(await clientOf(server.url).post(REQUEST)).toEqual({
      kind: 'answer',
      httpStatus: 500,
      excerpt: 'some',
    });
  });
});

describe('no answer', () => {
  const cases: [string, (socket: Socket) => void, string][] = [
    ['a hang', () => {}, 'TimedOut'],
    [
      '1xx for ever',
      (socket) => void setInterval(() => socket.write('HTTP/1.1 102 P\r\n\r\n'), 50).unref(),
      'TimedOut',
    ],
    [
      'headers, a byte at a time',
      (socket) => void setInterval(() => socket.write('H'), 50).unref(),
      'HTTPParserError',
    ],
    ['a reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['a close', (socket) => socket.end(), 'UND_ERR_SOCKET'],
    ['not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'), 'HTTPParserError'],
    [
      'huge headers',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
      'UND_ERR_HEADERS_OVERFLOW',
    ],
    [
      'an uninvited upgrade',
      (socket) => socket.end('HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      'UND_ERR',
    ],
  ];
  test.each(cases)('%s', async (_name, respond, code) => {
    const server = await serve(respond);
    const outcome = await clientOf(server.url, { timeoutMs: 500 }).post(REQUEST);
    expect(outcome).toEqual({
      kind: 'no-answer',
      code: expect.stringContaining(code),
      message: expect.any(String),
      ...(code === 'TimedOut' && { timedOut: true }),
    });
  });

  test('nobody there', async () => {
    const server = await startRawServer(() => {});
    await server.close();
    expect(await clientOf(server.url).post(REQUEST)).toMatchObject({
      kind: 'no-answer',
      code: 'ECONNREFUSED',
    });
  });

  test('a lookup that hangs is waited for no longer than all else, and nothing is sent when it ends', async () => {
    const server = await serve((socket) => socket.write(httpResponse('200 OK', '')));
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (_host, _options, callback) =>
      void answers.push(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    const client = clientOf(server.url.replace('127.0.0.1', 'hooks.example'), { timeoutMs: 200, lookup });
    expect(await client.post(REQUEST)).toMatchObject({ kind: 'no-answer', code: 'TimedOut' });
    for (const answer of answers) answer();
    const direct = clientOf(server.url);
    await direct.post(REQUEST);
    expect(server.requests).toHaveLength(1);
  });

  test('closing ends what is under way', async () => {
    const server = await serve(() => {});
    const client = clientOf(server.url);
    const outcome = client.post(REQUEST);
    await expect.poll(() => server.requests.length).toBe(1);
    await client.close();
    expect(await outcome).toMatchObject({ kind: 'no-answer' });
  });
});

describe('over TLS', () => {
  const HOST = 'hooks.example';
  const { key, cert } = createCertificate(HOST);
  const toLoopback = () =>
    createCheckedLookup(
      async () => [{ address: '127.0.0.1', family: 4 }],
      () => undefined,
    );

  async function serveTls(seen: string[] = []) {
    const server: Server = createTlsServer({ key, cert }, async (request, response) => {
      const servername = 'servername' in request.socket ? request.socket.servername : undefined;
      seen.push(`${servername} ${request.headers.host} ${await text(request)}`);
      response.end('ok');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => closeServer(server));
    const { port } = v.parse(v.object({ port: v.number() }), server.address());
    return { port, url: `https://${HOST}:${port}/in` };
  }

  test('the connection goes to the address that was checked, for the name of the URL', async () => {
    const seen: string[] = [];
    const { port, url } = await serveTls(seen);
    let resolved = 0;
    // Whoever asked a second time would be sent elsewhere.
    const lookup = createCheckedLookup(
      async () => [{ address: resolved++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }],
      () => undefined,
    );
    const outcome = await clientOf(url, { ca: cert, lookup }).post(REQUEST);
    expect(outcome).toMatchObject({ kind: 'answer', httpStatus: 200 });
    expect(seen).toEqual([`${HOST} ${HOST}:${port} ${REQUEST.body}`]);
    expect(resolved).toBe(1);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const seen: string[] = [];
    const { url } = await serveTls(seen);
    expect(await clientOf(url, { lookup: toLoopback() }).post(REQUEST)).toMatchObject({
      kind: 'no-answer',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(seen).toEqual([]);
  });

  test('so is one of another name', async () => {
    const { url } = await serveTls();
    const other = clientOf(url.replace(HOST, 'other.example'), { ca: cert, lookup: toLoopback() });
    expect(await other.post(REQUEST)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  test('nothing is connected to an address that is refused', async () => {
    let connections = 0;
    const server = await startRawServer(() => {});
    closers.push(() => server.close());
    const lookup = createCheckedLookup(async () => {
      connections += 1;
      return [{ address: '127.0.0.1', family: 4 }];
    });
    const url = server.url.replace('http://127.0.0.1', `https://${HOST}`);
    const outcome = await clientOf(url, { lookup }).post(REQUEST);
    expect(outcome).toMatchObject({ kind: 'no-answer', code: 'RefusedAddress' });
    expect([connections, server.requests.length]).toEqual([1, 0]);
  });
});
