import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startConsole } from '../../clients/console/server/console-server.ts';
import { createSend } from '../../clients/http/send.ts';
import { createSigner } from '../../clients/http/sign.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { buildConsole } from '../../scripts/build-console.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { sendRaw } from '../support/send-raw.ts';
import { tempDir } from '../support/temp-dir.ts';

type Seen = {
  method?: string | undefined;
  url?: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
};

const seen: Seen[] = [];
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };
const endWith = endAfterAll();
let directory: string;
let url: string;

beforeAll(async () => {
  directory = await tempDir(endWith);
  await buildConsole(directory);
  const service = createServer(async (request, response) => {
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body: await text(request) });
    response.writeHead(202, {
      'content-type': 'application/json',
      location: '/batches/b-1',
      'x-other': 'kept',
    });
    response.end('{"ok":true}');
  });
  url = `http://127.0.0.1:${await listenOnLoopback(service, 0)}`;
  endWith(() => closeServer(service));
});

async function start(api: string = url) {
  const sign = async () => createSigner({ region: 'eu-west-1', credentials });
  const server = await startConsole({
    page: { directory, about: { service: 'a stack', hasFake: false } },
    url: api,
    send: createSend({ sign, retries: 0, fetch }),
  });
  onTestFinished(server.close);
  const { origin, search } = new URL(server.address);
  const get = (target: string, headers: Record<string, string> = {}) =>
    sendRaw(origin, { method: 'GET', target, headers });
  const opened = await get(`/${search}`);
  const [cookie = ''] = String(opened.headers['set-cookie']).split(';');
  return { origin, get, opened, cookie };
}

describe('the console of a deployed service', () => {
  test('is opened by its address, which gives a cookie that no other site and no script gets', async () => {
    const { opened, get, cookie } = await start();
    expect(opened).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(String(opened.headers['set-cookie'])).toContain('HttpOnly; SameSite=Strict');
    const page = await get('/', { cookie });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<script type="module" src="/console.js">');
    expect(JSON.parse((await get('/console.json', { cookie })).text)).toEqual({
      service: 'a stack',
      hasFake: false,
    });
  });

  test('passes a request on, signed with the credentials of the one who started it', async () => {
    const { origin, cookie } = await start();
    const before = seen.length;
    const answer = await sendRaw(origin, {
      method: 'POST',
      target: '/activations?a=1',
      headers: { cookie, 'content-type': 'application/json', 'idempotency-key': 'key-1', 'x-own': 'dropped' },
      body: '{"flowLogIds":["fl-1"]}',
    });
    expect(answer).toMatchObject({ status: 202, text: '{"ok":true}', headers: { location: '/batches/b-1' } });
    expect(answer.headers['x-other']).toBeUndefined();
    const [sent] = seen.slice(before);
    expect(sent).toMatchObject({ method: 'POST', url: '/activations?a=1', body: '{"flowLogIds":["fl-1"]}' });
    expect(sent?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'key-1' });
    expect(sent?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//);
    expect(sent?.headers).not.toHaveProperty('cookie');
    expect(sent?.headers).not.toHaveProperty('x-own');
  });

  test.each([
    ['without the token', {}, '/activations', 401],
    ['with another token', {}, `/?token=${'0'.repeat(64)}`, 401],
    ['with the cookie of another console', { cookie: 'flow-log-activator-1=0' }, '/', 401],
    ['from a foreign page', { origin: 'http://example.com' }, '/', 403],
    ['under a foreign name', { host: 'example.com' }, '/', 403],
  ])('answers nobody %s', async (_case, headers, target, status) => {
    const { get } = await start();
    const before = seen.length;
    expect((await get(target, headers)).status).toBe(status);
    expect(seen.length).toBe(before);
  });

  test('a foreign page gets nothing even with the cookie', async () => {
    const { get, cookie } = await start();
    expect((await get('/activations', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('says when the service cannot be reached', async () => {
    const { get, cookie } = await start('http://127.0.0.1:1');
    const { status, text } = await get('/activations', { cookie });
    expect([status, JSON.parse(text).detail]).toEqual([502, expect.stringContaining('cannot be reached')]);
  });
});
