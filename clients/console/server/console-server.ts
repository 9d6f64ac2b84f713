import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { foreignSign } from '../../../lib/http/foreign-request.ts';
import { CredentialsMissing, ServiceUnreachable } from '../../http/errors.ts';
import { type PageOptions, pageFile } from './page-files.ts';

export type ConsoleOptions = {
  page: PageOptions;
  /** The address of the API. */
  url: string;
  /** Sends a request to the API, signed. Throws ServiceUnreachable, CredentialsMissing. */
  send: (request: Request) => Promise<Response>;
  /** On 127.0.0.1. The default is a free one. */
  port?: number;
};

export type Console = {
  /** Opens the page for whoever knows it. */
  address: string;
  close(): Promise<void>;
};

type Reply = { status: number; headers: Record<string, string>; body: Buffer | string };

/** A request for 1,000 flow logs takes some 70 kB. */
const BODY_LIMIT_BYTES = 1024 * 1024;

const PASSED_ON = ['content-type', 'idempotency-key'];
const PASSED_BACK = ['content-type', 'location', 'retry-after'];

/**
 * Serves the page of a deployed service on 127.0.0.1, and passes its requests on to the API. Whoever may use it acts
 * as the person who started it, so it wants a token that only the address has, which the browser then keeps as a
 * cookie; requests of foreign web pages get 403.
 */
export async function startConsole({ page, url, send, port = 0 }: ConsoleOptions): Promise<Console> {
  const token = randomBytes(32).toString('hex');
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        write(response, problem(500, error instanceof Error ? error.message : 'Failed'));
    });
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = '/', headers } = request;
    const sign = foreignSign(headers);
    if (sign !== undefined) return write(response, problem(403, sign));
    const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
    const cookie = `flow-log-activator-${request.socket.localPort}`;
    if (method === 'GET' && pathname === '/' && isSame(searchParams.get('token'), token)) {
      const kept = `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
      return write(response, { status: 303, headers: { location: '/', 'set-cookie': kept }, body: '' });
    }
    const given = cookiesOf(headers.cookie).get(cookie);
    if (!isSame(given, token))
      return write(response, problem(401, 'Open the address that the command has printed.'));
    const file = method === 'GET' ? await pageFile(pathname, page) : undefined;
    write(response, file ?? (await passOn(request, new URL(target, `${url}/`), send)));
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no TCP port.');
  return {
    address: `http://127.0.0.1:${bound.port}/?token=${token}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function passOn(request: IncomingMessage, url: URL, send: ConsoleOptions['send']): Promise<Reply> {
  const body = await readBody(request);
  if (body === undefined) return problem(413, 'The body is too large.');
  const { method = 'GET', headers } = request;
  const init = { method, headers: pick(PASSED_ON, (name) => headers[name]?.toString()) };
  try {
    const response = await send(new Request(url, body === '' ? init : { ...init, body }));
    return {
      status: response.status,
      headers: pick(PASSED_BACK, (name) => response.headers.get(name) ?? undefined),
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch (error) {
    if (error instanceof ServiceUnreachable) return problem(502, error.message);
    if (error instanceof CredentialsMissing)
      return problem(502, `There are no AWS credentials: ${error.message}`);
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response
    .writeHead(status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers })
    .end(body);
}

/** RFC 9457. The type is `about:blank`: the API does not return these. */
function problem(status: number, detail: string): Reply {
  const body = JSON.stringify({ type: 'about:blank', title: 'The console cannot do it', status, detail });
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}

function pick(names: string[], read: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (read(name) === undefined ? [] : [[name, read(name) ?? '']])),
  );
}

function cookiesOf(header = ''): Map<string, string> {
  const pairs = header.split('; ').map((pair) => pair.split('='));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}

function isSame(given: string | null | undefined, token: string): boolean {
  return given?.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token));
}
