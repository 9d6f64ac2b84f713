import { once } from 'node:events';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { createCheckedLookup } from '../../../../lib/webhooks/outbound/http/egress.ts';
import {
  createWebhookClient,
  type WebhookClientOptions,
} from '../../../../lib/webhooks/outbound/http/webhook-client.ts';
import { closeServer } from '../../../../local/loopback-server.ts';
import { httpResponse, startRawServer } from '../../volcengine/raw-server.ts';
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

/** Writes the text again and again, slowly. */
function drip(socket: Socket, text: string) {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

/** Writes the text again and again, as fast as can be. */
function pour(socket: Socket, text: string, onWritten = () => {}) {
  while (!socket.destroyed && socket.write(text)) onWritten();
  if (!socket.destroyed) socket.once('drain', () => pour(socket, text, onWritten));
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
    expect(outcome).toEqual({ kind: 'response', httpStatus: 200, excerpt: '' });
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
    const redirect = httpResponse(status, '', { location: '/elsewhere' });
    const server = await serve((socket) => socket.write(redirect));
    const httpStatus = Number(status.slice(0, 3));
    expect(await clientOf(server.url).post(REQUEST)).toMatchObject({ kind: 'response', httpStatus });
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

describe('the response', () => {
  test('is the last one after any 1xx, with its Retry-After if there is one', async () => {
    const server = await serve((socket, count) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nretry-after: 9\r\n\r\n');
      const repeated = count === 1 ? '' : 'retry-after: 8\r\n';
      socket.write(`HTTP/1.1 503 Busy\r\nretry-after: 7\r\n${repeated}content-length: 0\r\n\r\n`);
    });
    const { post } = clientOf(server.url);
    expect(await post(REQUEST)).toEqual({ kind: 'response', httpStatus: 503, retryAfter: '7', excerpt: '' });
    expect(await post(REQUEST)).toEqual({ kind: 'response', httpStatus: 503, excerpt: '' });
  });

  test('is read to 64 kB, and 1 kB of it is kept', async () => {
    let written = 0;
    let closed = false;
    const server = await serve((socket) => {
      socket.on('close', () => {
        closed = true;
      });
      socket.write('HTTP/1.1 500 No\r\n\r\n');
      pour(socket, 'x'.repeat(10_000), () => {
        written += 10_000;
      });
    });
    const outcome = await clientOf(server.url).post(REQUEST);
    expect(outcome).toEqual({ kind: 'response', httpStatus: 500, excerpt: 'x'.repeat(1_024) });
    await expect.poll(() => closed).toBe(true);
    expect(written).toBeLessThan(20_000_000);
  });

  test('is one printable line that repeats nothing of the URL', async () => {
    const body = `\u0000<pre>Cannot POST ${PATH}</pre>\r\n\u001b[31m冻结\ufffe\u202e or T0P-SECRET at 127.0.0.1`;
    const server = await serve((socket) => socket.write(httpResponse('404 Not Found', body)));
    const outcome = await clientOf(server.url + PATH).post(REQUEST);
    expect(outcome).toMatchObject({ excerpt: '<pre>Cannot POST ***</pre> [31m冻结 or *** at ***' });
  });

  test('hides a secret that the end of the excerpt would cut in two', async () => {
    const body = `${'x '.repeat(508)}T0P-SECRET`;
    const server = await serve((socket) => socket.write(httpResponse('500 No', body)));
    const outcome = await clientOf(server.url + PATH).post(REQUEST);
    expect(outcome).toMatchObject({ excerpt: expect.not.stringContaining('T0P') });
  });

  describe.each(['202 Accepted', '500 No', '404 No', '301 No'])('is %s at once', (status) => {
    test.each<[string, string, string]>([
      ['that never begins', 'content-length: 99\r\n\r\n', ''],
      ['that never ends', 'content-length: 99\r\n\r\nsome', ''],
      ['that comes a byte at a time', 'content-length: 99999\r\n\r\n', 'x'],
      ['in chunks with endless extensions', 'transfer-encoding: chunked\r\n\r\n1;', 'x'.repeat(100)],
    ])('with a body %s, and the connection is cut', async (_name, begin, drop) => {
      const closed = Promise.withResolvers<void>();
      const server = await serve((socket) => {
        socket.on('close', () => closed.resolve());
        socket.write(`HTTP/1.1 ${status}\r\n${begin}`);
        if (drop !== '') drip(socket, drop);
      });
      // An attempt may take as long as no test does.
      const outcome = await clientOf(server.url, { timeoutMs: 600_000 }).post(REQUEST);
      expect(outcome).toMatchObject({ kind: 'response', httpStatus: Number(status.slice(0, 3)) });
      await closed.promise;
    });
  });

  test('2xx waits for nothing of the body', async () => {
    const held: Socket[] = [];
    const server = await serve((socket) => {
      held.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n');
    });
    const client = clientOf(server.url, { timeoutMs: 600_000, connections: 1 });
    expect(await client.post(REQUEST)).toMatchObject({ httpStatus: 200 });
    expect(held[0]?.closed).toBe(false);
    held[0]?.write('ok');
    const second = client.post(REQUEST);
    await expect.poll(() => server.requests.length).toBe(2);
    expect(await second).toMatchObject({ httpStatus: 200 });
    // The body that came soon left the connection to the next.
    expect(held[1]).toBe(held[0]);
  });

  test('is its status, after a body that breaks off', async () => {
    const server = await serve((socket) => socket.end('HTTP/1.1 500 No\r\ncontent-length: 99\r\n\r\nsome'));
    const outcome = await clientOf(server.url).post(REQUEST);
    expect(outcome).toEqual({ kind: 'response', httpStatus: 500, excerpt: 'some' });
  });
});

describe('no response', () => {
  const informational = 'HTTP/1.1 102 P\r\n\r\n';
  const hugeHeaders = `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
  const upgrade = 'HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
  const cases: [string, (socket: Socket) => void, string][] = [
    ['a hang', () => {}, 'TimedOut'],
    ['1xx for ever', (socket) => drip(socket, informational), 'TimedOut'],
    ['headers, a byte at a time', (socket) => drip(socket, 'H'), 'HTTPParserError'],
    ['a reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['a close', (socket) => socket.end(), 'UND_ERR_SOCKET'],
    ['not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'), 'HTTPParserError'],
    ['huge headers', (socket) => socket.write(hugeHeaders), 'UND_ERR_HEADERS_OVERFLOW'],
    [
      'a status line without end',
      (socket) => {
        socket.write('HTTP/1.1 200 ');
        pour(socket, 'O'.repeat(1_000));
      },
      'ResponseTooLong',
    ],
    [
      '1xx without end, as fast as can be',
      (socket) => pour(socket, informational.repeat(1_000)),
      'ResponseTooLong',
    ],
    [
      'headers, one every while',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'x: y\r\n');
      },
      'TimedOut',
    ],
    [
      'an informational response, one every while',
      (socket) => drip(socket, 'HTTP/1.1 103 E\r\n\r\n'),
      'TimedOut',
    ],
    ['an uninvited upgrade', (socket) => socket.end(upgrade), 'UND_ERR'],
  ];
  test.each(cases)('%s', async (_name, respond, code) => {
    const server = await serve(respond);
    const outcome = await clientOf(server.url, { timeoutMs: 500 }).post(REQUEST);
    expect(outcome).toEqual({
      kind: 'no-response',
      code: expect.stringContaining(code),
      message: expect.any(String),
      ...(code === 'TimedOut' && { timedOut: true }),
    });
  });

  test('nobody there', async () => {
    const server = await startRawServer(() => {});
    await server.close();
    const outcome = await clientOf(server.url).post(REQUEST);
    expect(outcome).toMatchObject({ kind: 'no-response', code: 'ECONNREFUSED' });
  });

  test('its message names neither host nor address', async () => {
    const closed = await startRawServer(() => {});
    await closed.close();
    const { port } = new URL(closed.url);
    const both: LookupFunction = (_host, _options, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
    const unknown: LookupFunction = (host, _options, callback) =>
      callback(Object.assign(new Error(`queryA ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), []);
    for (const lookup of [both, unknown]) {
      const outcome = await clientOf(`http://hooks.example:${port}/`, { lookup }).post(REQUEST);
      expect(outcome).toMatchObject({ kind: 'no-response', message: expect.stringContaining('***') });
      expect(JSON.stringify(outcome)).not.toMatch(/hooks|127\.0|::1/);
    }
  });

  test('a lookup that hangs is waited for no longer than all else, and nothing is sent when it ends', async () => {
    const server = await serve((socket) => socket.write(httpResponse('200 OK', '')));
    const lookups: (() => void)[] = [];
    const lookup: LookupFunction = (_host, _options, callback) =>
      void lookups.push(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    const client = clientOf(server.url.replace('127.0.0.1', 'hooks.example'), { timeoutMs: 200, lookup });
    expect(await client.post(REQUEST)).toMatchObject({ kind: 'no-response', code: 'TimedOut' });
    for (const end of lookups) end();
    await clientOf(server.url).post(REQUEST);
    expect(server.requests).toHaveLength(1);
  });

  test('closing ends what is under way', async () => {
    const server = await serve(() => {});
    const client = clientOf(server.url);
    const outcome = client.post(REQUEST);
    await expect.poll(() => server.requests.length).toBe(1);
    await client.close();
    expect(await outcome).toMatchObject({ kind: 'no-response' });
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
    expect(outcome).toMatchObject({ kind: 'response', httpStatus: 200 });
    expect(seen).toEqual([`${HOST} ${HOST}:${port} ${REQUEST.body}`]);
    expect(resolved).toBe(1);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const seen: string[] = [];
    const { url } = await serveTls(seen);
    const outcome = await clientOf(url, { lookup: toLoopback() }).post(REQUEST);
    expect(outcome).toMatchObject({ kind: 'no-response', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
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
    expect(outcome).toMatchObject({ kind: 'no-response', code: 'RefusedAddress' });
    expect([connections, server.requests.length]).toEqual([1, 0]);
  });
});
