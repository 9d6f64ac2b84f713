import { expect, test, vi } from 'vitest';
import {
  type Activation,
  ApiProblem,
  createClient,
  ServiceUnreachable,
} from '../../../../clients/http/client.ts';
import { createSend } from '../../../../clients/http/send.ts';

const LOCAL = 'http://127.0.0.1:3000';
const DEPLOYED = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const BATCH = `b-${'0'.repeat(32)}`;

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  json(status, { type: `urn:flow-log-activator:problem:${code}`, title: 'No', status, ...more }, headers);

type Sent = { url: string; method?: string; headers: Record<string, string>; body?: unknown };

/** Gives the replies one after the other, the last one for ever. Keeps what was sent. */
function replies(...list: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const reply = vi.fn<typeof fetch>(async (url, { method, headers, body } = {}) => {
    sent.push({ url: String(url), method, headers: Object.fromEntries(new Headers(headers)), body });
    const next = list[Math.min(sent.length, list.length) - 1];
    if (next === undefined) throw new Error('no reply is left');
    return next();
  });
  return { sent, fetch: reply };
}

const HEALTHY = () => json(200, { status: 'ok' });
const BUSY = () => json(503, { message: 'Service Unavailable' });
const refused = () => Promise.reject(new TypeError('fetch failed', { cause: code('ECONNREFUSED') }));
const reset = () => Promise.reject(new TypeError('fetch failed', { cause: code('ECONNRESET') }));
const code = (value: string) => Object.assign(new Error(value), { code: value });

test('a problem is thrown with its code, its fields and its sentence', async () => {
  const errors = [{ field: 'region', message: 'must be a region' }];
  const { fetch } = replies(() => problem(422, 'invalid-content', { detail: 'region: must be …', errors }));
  const error = await createClient({ url: LOCAL, fetch })
    .activate(['fl-1'])
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({
    status: 422,
    code: 'invalid-content',
    fields: errors,
    message: 'region: must be …',
  });
});

test("API Gateway's own response is a problem with its words", async () => {
  const { fetch } = replies(() => json(403, { Message: 'User is not authorized' }));
  const asked = createClient({ url: LOCAL, fetch }).api.GET('/healthz');
  await expect(asked).rejects.toMatchObject({
    status: 403,
    code: 'gateway',
    message: 'User is not authorized',
  });
});

test('what is safe to repeat is sent again after 503, after 429 and without a response', async () => {
  const { sent, fetch } = replies(BUSY, () => json(429, {}), reset, HEALTHY);
  const { data } = await createClient({ url: LOCAL, fetch }).api.GET('/healthz');
  expect(data).toEqual({ status: 'ok' });
  expect(sent).toHaveLength(4);
});

test('a request for activations is sent again with the same key and body', async () => {
  const { sent, fetch } = replies(BUSY, () => json(202, { batchId: BATCH, activations: [] }));
  await createClient({ url: LOCAL, fetch }).activate(['fl-1'], { metadata: { ticket: 'OPS-42' } });
  const [first, second] = sent;
  expect(first?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/);
  expect(second).toEqual(first);
  expect(first?.body).toBe('{"flowLogIds":["fl-1"],"metadata":{"ticket":"OPS-42"}}');
});

test('a POST without a key is not sent again after 503: it may have taken effect', async () => {
  const { sent, fetch } = replies(BUSY, () => json(202, {}));
  const params = { path: { activationId: 'default.cn-beijing.fl-1.b-1' } };
  const asked = createClient({ url: LOCAL, fetch }).api.POST('/activations/{activationId}/redrive', {
    params,
  });
  await expect(asked).rejects.toMatchObject({ status: 503 });
  expect(sent).toHaveLength(1);
});

test('Retry-After is honoured; without it the waits grow up to 5 s', async () => {
  const busyFor2s = () => problem(503, 'store-contended', {}, { 'retry-after': '2' });
  const { fetch } = replies(busyFor2s, ...Array.from({ length: 8 }, () => BUSY), HEALTHY);
  const waits: number[] = [];
  const send = createSend({ fetch, retries: 20, sleep: async (ms) => void waits.push(ms) });
  expect((await send(new Request(`${LOCAL}/healthz`))).status).toBe(200);
  const [first, ...others] = waits;
  expect(first).toBe(2_000);
  expect(others).toHaveLength(8);
  for (const [index, ms] of others.entries())
    expect(ms).toBeLessThan(Math.min(5_000, 200 * 2 ** (index + 1)));
});

test('who is not there is not asked again, unless it was there before', async () => {
  const never = replies(refused);
  const asked = createClient({ url: LOCAL, fetch: never.fetch }).api.GET('/healthz');
  await expect(asked).rejects.toBeInstanceOf(ServiceUnreachable);
  expect(never.sent).toHaveLength(1);

  const again = replies(HEALTHY, refused, HEALTHY);
  const client = createClient({ url: LOCAL, fetch: again.fetch });
  await client.api.GET('/healthz');
  await client.api.GET('/healthz');
  expect(again.sent).toHaveLength(3);
});

test('a deployed API gets signed requests, for the region of its address; this machine gets none', async () => {
  const { sent, fetch } = replies(() => json(200, { activations: [] }));
  const query = { cursor: 'MDA+/w==' };
  const params = { query };
  await createClient({ url: DEPLOYED, fetch, credentials: KEYS }).api.GET('/activations', { params });
  await createClient({ url: LOCAL, fetch, credentials: KEYS }).api.GET('/activations', { params });
  const [signed, open] = sent;
  expect(signed?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=host;/,
  );
  expect(signed?.headers['x-amz-security-token']).toBe('token');
  expect(signed?.url).toBe(`${DEPLOYED}/activations?cursor=MDA%2B%2Fw%3D%3D`);
  expect(open?.headers).not.toHaveProperty('authorization');
});

test('a domain that names no region needs one', () => {
  expect(() => createClient({ url: 'https://flow-logs.example.com' })).toThrow(/region/);
});

const activation = (flowLogId: string, status: Activation['status'], updatedAt = '1') =>
  ({ activationId: flowLogId, flowLogId, status, updatedAt, generation: 1 }) as Activation;

/** A service whose list of the batch is the next one at each look. */
function looks(...lists: Activation[][]) {
  let look = -1;
  return replies(
    ...Array.from({ length: lists.length * 3 }, () => () => json(200, {})),
  ).fetch.mockImplementation(async (url) => {
    const { pathname } = new URL(String(url));
    if (pathname.startsWith('/batches/')) return json(200, { batchId: BATCH, done: true });
    look = Math.min(look + 1, lists.length - 1);
    return json(200, { activations: lists[look] });
  });
}

test('a batch is followed until all are final, and each change is told once', async () => {
  const fetch = looks(
    [activation('fl-1', 'queued'), activation('fl-2', 'queued')],
    [activation('fl-1', 'pending', '2'), activation('fl-2', 'queued')],
    [activation('fl-1', 'completed', '3'), activation('fl-2', 'failed', '2')],
  );
  const told: string[] = [];
  const { outcome } = await createClient({ url: LOCAL, fetch }).follow(BATCH, {
    pollMs: 1,
    onChange: ({ flowLogId, status }) => told.push(`${flowLogId} ${status}`),
  });
  expect(outcome).toBe('failed');
  expect(told).toEqual(['fl-1 queued', 'fl-2 queued', 'fl-1 pending', 'fl-1 completed', 'fl-2 failed']);
});

test('a wait ends in time, with what was seen', async () => {
  const fetch = looks([activation('fl-1', 'completed'), activation('fl-2', 'pending')]);
  const end = await createClient({ url: LOCAL, fetch }).follow(BATCH, { pollMs: 1, timeoutMs: 20 });
  expect(end.outcome).toBe('timed-out');
  expect(end.activations.map(({ status }) => status)).toEqual(['completed', 'pending']);
});

test('a wait ends when the caller says so', async () => {
  const fetch = looks([activation('fl-1', 'pending')]);
  const stop = new AbortController();
  const wait = createClient({ url: LOCAL, fetch }).follow(BATCH, {
    pollMs: 1,
    signal: stop.signal,
    onChange: () => stop.abort(new Error('enough')),
  });
  await expect(wait).rejects.toThrow('enough');
});
