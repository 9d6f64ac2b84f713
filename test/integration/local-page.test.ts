import { beforeAll, describe, expect, test } from 'vitest';
import { startEventBridge } from '../../local/eventbridge/server.ts';
import { createHttpApi } from '../../local/http-api/http-api.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { findOverspending, readBudgets } from '../../scripts/build.ts';
import { buildConsole, consoleBundle } from '../../scripts/build-console.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { sendRaw } from '../support/send-raw.ts';
import { tempDir } from '../support/temp-dir.ts';

const endWith = endAfterAll();
let directory: string;
let url: string;

async function serve(more: { fakeUrl?: string; busUrl?: string } = {}) {
  const server = createHttpApi({
    routes: [],
    functions: new Map(),
    accountId: '000000000000',
    description: {},
    page: { directory, about: { service: 'local world', hasFake: more.fakeUrl !== undefined } },
    ...more,
    log: () => {},
    signal: new AbortController().signal,
  });
  endWith(() => closeServer(server));
  return `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
}

beforeAll(async () => {
  directory = await tempDir(endWith);
  await buildConsole(directory);
  const fake = await startFakeVolcengine();
  endWith(() => fake.close());
  url = await serve({ fakeUrl: fake.url });
});

describe('the page in the local world', () => {
  test.each([
    ['/', 'text/html'],
    ['/console.js', 'text/javascript'],
    ['/console.css', 'text/css'],
    ['/icon.svg', 'image/svg+xml'],
  ])('%s is served, and may load nothing from elsewhere', async (path, type) => {
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(/(?:src|href)="https?:|@import|url\(http/);
  });

  test('is refused to a page of another site', async () => {
    const headers = { host: new URL(url).host, origin: 'http://example.com' };
    expect((await sendRaw(url, { method: 'GET', target: '/', headers })).status).toBe(403);
  });

  test('switches faults of the fake Volcengine', async () => {
    const fault = { kind: 'hang' };
    const added = await fetch(`${url}/_fake/faults`, { method: 'POST', body: JSON.stringify(fault) });
    expect(added.status).toBe(200);
    expect(await (await fetch(`${url}/_fake/faults`)).json()).toMatchObject({ faults: [{ fault }] });
    expect(await (await fetch(`${url}/_fake/faults`, { method: 'DELETE' })).json()).toEqual({ faults: [] });
  });

  test('shows what is on the bus, where it is emulated', async () => {
    const deliver = async () => {};
    const bus = await startEventBridge({ region: 'us-east-1', account: '000000000000', deliver });
    endWith(() => bus.close());
    const local = await serve({ busUrl: bus.url });
    expect(await (await fetch(`${local}/_local/events`)).json()).toEqual({ events: [] });
    expect((await fetch(`${url}/_local/events`)).status).toBe(404);
  });

  test('has no faults to switch where Volcengine is not faked', async () => {
    expect((await fetch(`${await serve()}/_fake/faults`)).status).toBe(404);
  });

  test('is within its budget', async () => {
    expect(findOverspending([await consoleBundle(directory)], await readBudgets())).toEqual([]);
  });
});
