import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signDelivery } from '../../fixtures/webhooks/deliveries.ts';
import {
  GITHUB_SENDER,
  type Sender,
  STANDARD,
  sourcesFor,
  TERRAFORM_SENDER,
} from '../../fixtures/webhooks/senders.ts';
import { numberedIds } from '../../support/builders/activations.ts';
import { createWebhookReceiver, type WebhookRequest } from '../../support/fakes/webhook-receiver.ts';

type Receiver = ReturnType<typeof createWebhookReceiver>;
type Headers = Record<string, string>;

const json: Headers = { 'content-type': 'application/json' };
const form: Headers = { 'content-type': 'application/x-www-form-urlencoded' };

const githubWith = (options: object): Sender => ({
  ...GITHUB_SENDER,
  options: { ...GITHUB_SENDER.options, ...options },
});

/** A GitHub source with these expressions, and a signed delivery. */
async function post(options: object, payload: unknown, sent: { receiver?: Receiver } = {}) {
  const sender = githubWith(options);
  const { receiver = createWebhookReceiver(sourcesFor([sender])) } = sent;
  const body = Buffer.from(JSON.stringify(payload));
  const delivery = await signDelivery(sender, body, 'delivery-1', receiver.clock.now);
  return { ...(await receiver.post(delivery)), receiver };
}

/** Signed without GitHub's library, which signs neither an empty text nor bytes that are no text. */
async function postBytes(options: object, body: Buffer | string, headers = json, base64 = true) {
  const receiver = createWebhookReceiver(sourcesFor([githubWith(options)]));
  const digest = createHmac('sha256', GITHUB_SENDER.secret).update(body).digest('hex');
  const signed = { 'x-github-delivery': 'id-1', 'x-hub-signature-256': `sha256=${digest}` };
  const response = await receiver.post({
    source: 'github',
    body,
    headers: { ...signed, ...headers },
    base64,
  });
  return { ...response, receiver };
}

const batchesOf = ({ store }: Receiver) => [...store.batches.values()];
const ids = { select: { flowLogIds: 'ids' } };
const thousand = numberedIds(1_001);
const problemType = (code: string) => `urn:flow-log-activator:problem:${code}`;

test('202 with the body of POST /activations and a Location; one log line with source and delivery', async () => {
  const { status, body, headers, receiver } = await post(ids, { ids: ['fl-1'] });
  expect(status).toBe(202);
  const location = `/batches/${body.batchId}`;
  expect(headers).toEqual({ ...json, location, 'x-request-id': 'request-1' });
  expect(body.activations).toEqual([
    {
      activationId: `default.cn-beijing.fl-1.${body.batchId}`,
      flowLogId: 'fl-1',
      region: 'cn-beijing',
      account: 'default',
      status: 'queued',
      joined: false,
    },
  ]);
  const delivery = { source: 'webhook:github', deliveryId: 'delivery-1' };
  const by = { source: 'webhook:github', requestedBy: 'webhook:github', callerRequestId: 'request-1' };
  const activationIds = [`default.cn-beijing.fl-1.${body.batchId}`];
  const request = { batchId: body.batchId, ...by, flowLogs: 1, opened: 1, activationIds };
  expect(receiver.log.lines).toEqual([
    { level: 'info', message: 'webhook authenticated', fields: delivery },
    { level: 'info', message: 'activations requested', fields: request },
  ]);
});

test('an unknown region is 422', async () => {
  const select = { flowLogIds: 'ids', region: "'cn-bejing'" };
  const { status, body, receiver } = await post({ select }, { ids: 'fl-1' });
  expect(status).toBe(422);
  expect(body.errors).toMatchObject([{ field: 'region' }]);
  expect(receiver.store.batches.size).toBe(0);
});

describe('the results of expressions', () => {
  test.each<[string, unknown, string[]]>([
    ['one id', 'fl-1', ['fl-1']],
    ['lists in lists', [['fl-1', ['fl-2']], 'fl-3'], ['fl-1', 'fl-2', 'fl-3']],
    ['an id twice', ['fl-1', 'fl-1'], ['fl-1']],
    ['1,000 ids, some of them twice', [...thousand.slice(1), ...thousand.slice(1)], thousand.slice(1)],
  ])('%s', async (_what, given, expected) => {
    const { status, body } = await post(ids, { ids: given });
    expect(status).toBe(202);
    expect(body.activations.map(({ flowLogId }: { flowLogId: string }) => flowLogId)).toEqual(expected);
  });

  test('region, account, and metadata: numbers and booleans become text, null is omitted', async () => {
    const scope = { region: "r || 'cn-shanghai'", account: "'narrow'" };
    const select = { flowLogIds: 'ids', ...scope, metadata: '{a: a, b: b, c: c, d: d}' };
    const { body, receiver } = await post({ select }, { ids: 'fl-1', a: 1.5, b: false, c: null, d: 'x' });
    expect(body.activations).toMatchObject([{ region: 'cn-shanghai', account: 'narrow' }]);
    expect(batchesOf(receiver)).toMatchObject([{ metadata: { a: '1.5', b: 'false', d: 'x' } }]);
  });

  test.each<[string, unknown, number]>([
    ['false', false, 204],
    ['null', null, 204],
    ['an empty list', [], 204],
    ['an empty object', {}, 204],
    ['an empty text', '', 204],
    ['zero, which is not empty', 0, 202],
    ['a member named hasOwnProperty', { hasOwnProperty: 1 }, 202],
    ['true', true, 202],
  ])('when: %s', async (_what, wanted, expected) => {
    const options = { ...ids, when: 'wanted' };
    const { status, text, headers, receiver } = await post(options, { ids: 'fl-1', wanted });
    expect(status).toBe(expected);
    if (status !== 204) return;
    expect([text, headers, receiver.store.writes]).toEqual([undefined, { 'x-request-id': 'request-1' }, []]);
  });
});

describe('signed, but unusable: refused with the field name, and nothing is written', () => {
  const select = (change: Record<string, string>) => ({ select: { flowLogIds: 'ids', ...change } });

  const refuses = async (options: object, payload: unknown, field: string, message: string) => {
    const { status, body, receiver } = await post(options, payload);
    expect([status, body.type]).toEqual([422, problemType('invalid-content')]);
    expect(body.errors).toEqual([{ field, message: expect.stringContaining(message) }]);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(receiver.store.writes).toEqual([]);
  };

  test.each<[string, unknown, string]>([
    ['no ids', {}, 'the expression ids gave null: must be a list of flow log ids'],
    ['an empty list', { ids: [] }, 'gave a list of 0: must name at least one flow log'],
    ['a truth value', { ids: true }, 'gave a boolean: must be a list'],
    ['an object', { ids: { a: 'secret' } }, 'gave an object: must be a list'],
    ['no id among ids', { ids: ['fl-1', 'fl 2'] }, 'gave a list of 2: [1] must be 1 to 64'],
    ['null among ids', { ids: ['fl-1', null] }, '[1] must be a string'],
    ['1,001 ids', { ids: thousand }, 'gave a list of 1001: must name at most 1000'],
    ['a payload that is a list', ['fl-1'], 'gave null'],
  ])('%s', (_what, payload, message) => refuses(ids, payload, 'select.flowLogIds', message));

  test.each<[string, Record<string, string>, object, string, string]>([
    ['no region', { region: 'r' }, {}, 'select.region', 'the expression r gave null: must be'],
    ['no such region', { region: 'r' }, { r: 'X' }, 'select.region', 'must be a region'],
    ['no account', { account: 'a' }, { a: true }, 'select.account', 'gave a boolean'],
    ['an unknown account', { account: 'a' }, { a: 'x' }, 'account', 'is not a configured'],
    ['not for this account', { account: "'narrow'" }, {}, 'region', 'is not enabled'],
    ['metadata', { metadata: 'm' }, { m: [] }, 'select.metadata', 'must be an object of strings'],
    ['a list in it', { metadata: 'm' }, { m: { a: [] } }, 'select.metadata', '.a must be a string'],
  ])('%s', (_what, change, more, field, message) =>
    refuses(select(change), { ids: 'fl-1', ...more }, field, message),
  );

  test.each<[string, object, object, string]>([
    [
      'an account that is not for this source, known or not',
      { ...select({ account: 'a' }), accounts: ['default'] },
      { a: 'narrow' },
      'account',
    ],
    [
      'the account without an expression, if it is not for this source',
      { ...ids, accounts: ['narrow'] },
      {},
      'account',
    ],
    [
      'a region that is not for this source',
      { ...select({ region: 'r' }), regions: ['cn-beijing'] },
      { r: 'cn-shanghai' },
      'region',
    ],
  ])('%s', (_what, options, more, field) =>
    refuses(options, { ids: 'fl-1', ...more }, field, 'is not enabled for this source'),
  );

  test('a type error', () =>
    refuses(
      { select: { flowLogIds: 'keys(ids)' } },
      { ids: 1 },
      'select.flowLogIds',
      'the expression keys(ids) cannot be evaluated here: TypeError',
    ));

  test('another', () =>
    refuses(
      { ...ids, when: 'length(n) > `1`' },
      { ids: 'fl-1', n: 2 },
      'when',
      'the expression length(n) > `1` cannot be evaluated',
    ));

  test('several at once', async () => {
    const { body } = await post(select({ region: 'r', metadata: 'm' }), { ids: [], m: 1 });
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'select.flowLogIds',
      'select.region',
      'select.metadata',
    ]);
  });

  const latin1 = { 'content-type': 'application/json; charset=latin1' };
  test.each<[string, Buffer | string, Headers, number, string]>([
    ['not JSON', 'hello', json, 400, 'unparsable-body'],
    ['nothing', '', json, 400, 'unparsable-body'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'unparsable-body'],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['no content type', '{}', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', latin1, 415, 'unsupported-media-type'],
    ['a form without payload', 'a=1', form, 400, 'unparsable-body'],
    ['a form with two', 'payload={}&payload={}', form, 400, 'unparsable-body'],
  ])('%s', async (_what, bytes, headers, expected, code) => {
    const { status, body, receiver } = await postBytes({}, bytes, headers);
    expect([status, body.type]).toEqual([expected, problemType(code)]);
    expect(receiver.store.writes).toEqual([]);
  });

  test('a form from a sender that is not GitHub', async () => {
    const receiver = createWebhookReceiver(sourcesFor([STANDARD]));
    const delivery = await signDelivery(STANDARD, Buffer.from('payload={}'), 'msg_1', receiver.clock.now);
    const headers = { ...delivery.headers, ...form };
    expect((await receiver.post({ ...delivery, headers })).status).toBe(415);
  });
});

describe('text and numbers are not changed', () => {
  const send = (body: Buffer | string, headers = json) =>
    postBytes({ select: { flowLogIds: "'fl-1'", metadata: 'm' } }, body, headers);
  const metadataOf = ({ receiver }: { receiver: Receiver }) => batchesOf(receiver)[0]?.metadata;

  test.each([
    ['12345678901234567890', '12345678901234567890'],
    ['-9007199254740993', '-9007199254740993'],
    ['0.30000000000000000001', '0.30000000000000000001'],
    ['1e999', '1e999'],
    ['1000000000000000000000', '1000000000000000000000'],
    ['9007199254740991', '9007199254740991'],
    ['0.1', '0.1'],
    ['1.50', '1.50'],
    ['1.0', '1.0'],
    ['1e3', '1e3'],
  ])('the number %s', async (number, expected) => {
    const response = await send(`{"m":{"n":${number}}}`);
    expect([response.status, metadataOf(response)]).toEqual([202, { n: expected }]);
  });

  test('a number that was sent in two different notations is refused as ambiguous', async () => {
    const { status, body } = await send('{"m":{"n":1.10},"other":1.1}');
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain('n must be a string');
  });

  test('ids that are numbers keep their digits', async () => {
    const body = '{"ids":[123,12345678901234567890,"fl-1",123]}';
    const { status, receiver } = await postBytes(ids, body, json, false);
    expect(status).toBe(202);
    const asked = batchesOf(receiver)[0]?.flowLogs.map(({ flowLogId }) => flowLogId);
    expect(asked).toEqual(['123', '12345678901234567890', 'fl-1']);
  });

  const text = '冻结 💥 𠮷 \ufffe\uffff é';
  test.each([
    ['JSON', JSON.stringify({ m: { [text]: text } }), json],
    ['JSON in escapes', `{"m":{"${escaped(text)}":"${escaped(text)}"}}`, json],
    ['a form', `payload=${encodeURIComponent(JSON.stringify({ m: { [text]: text } }))}&other=%25`, form],
    ['a form with bare bytes', `payload=${JSON.stringify({ m: { [text]: text } })}`, form],
  ])('text in %s', async (_name, body, headers) => {
    const response = await send(body, headers);
    expect([response.status, metadataOf(response)]).toEqual([202, { [text]: text }]);
  });

  const truncated = Buffer.from('{"m":{"a":"\xf0\x9f"}}', 'latin1');
  test.each<[string, Buffer | string, Headers]>([
    ['bytes that are no UTF-8', truncated, json],
    ['such bytes in a form', Buffer.concat([Buffer.from('payload='), truncated]), form],
    ['such bytes in another field', Buffer.from('payload={}&a=\xff', 'latin1'), form],
    ['escapes that are no UTF-8', `payload=${encodeURIComponent('{"m":{"a":"')}%F0%9F%22%7D%7D`, form],
    ['a surrogate in escapes', `payload=${encodeURIComponent('{"m":{"a":"')}%ED%A0%80%22%7D%7D`, form],
    ['escapes that are none', 'payload=%7B%7D%', form],
  ])('%s: refused', async (_name, body, headers) => {
    const { status, body: problem, receiver } = await send(body, headers);
    expect([status, problem.type]).toEqual([400, problemType('unparsable-body')]);
    expect(receiver.store.writes).toEqual([]);
  });

  test('half of a surrogate pair: refused', async () => {
    const { status, receiver } = await send('{"m":{"a":"\\ud83d"}}');
    expect([status, receiver.store.writes]).toEqual([422, []]);
  });

  function escaped(plain: string): string {
    return plain.replace(/[^ ]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
});

test.each(["contains(ref, 'main')", 'length(commits) > `0`', "starts_with(ref, 'refs/')", 'constructor'])(
  'a payload without the fields of %s is not selected',
  async (when) => {
    const { status, receiver } = await post({ ...ids, when }, { zen: 'Keep it simple', hook_id: 1 });
    expect([status, receiver.store.writes]).toEqual([204, []]);
  },
);

test('accepts what is enabled for a source', async () => {
  const select = { flowLogIds: 'ids', region: 'r' };
  const enabled = { accounts: ['narrow', 'default'], regions: ['cn-shanghai', 'cn-beijing'] };
  expect((await post({ select, ...enabled }, { ids: 'fl-1', r: 'cn-shanghai' })).status).toBe(202);
});

describe('a repeated delivery', () => {
  test('gets the same ids, and starts nothing twice', async () => {
    const first = await post(ids, { ids: ['fl-1', 'fl-2'] });
    const { receiver } = first;
    const writes = [...receiver.store.writes];
    const again = await post(ids, { ids: ['fl-1', 'fl-2'] }, { receiver });
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(receiver.store.writes).toEqual(writes);
  });

  test('with another body is refused', async () => {
    const { receiver } = await post(ids, { ids: ['fl-1'] });
    const { status, body } = await post(ids, { ids: ['fl-2'] }, { receiver });
    expect([status, body.type]).toEqual([422, problemType('idempotency-key-reused')]);
    expect(body.errors[0].field).toBe('delivery id');
    expect(receiver.store.batches.size).toBe(1);
  });

  test('of another source with the same id is a different delivery', async () => {
    const other: Sender = { ...STANDARD, source: 'other' };
    const receiver = createWebhookReceiver(sourcesFor([STANDARD, other]));
    const body = Buffer.from(JSON.stringify(STANDARD.payload(['fl-1'])));
    for (const source of ['pipeline', 'other']) {
      const delivery = await signDelivery(STANDARD, body, 'msg_1', receiver.clock.now);
      expect((await receiver.post({ ...delivery, source })).status).toBe(202);
    }
    expect(receiver.store.batches.size).toBe(2);
  });

  test('of a sender without ids is recognised by its body', async () => {
    const receiver = createWebhookReceiver(sourcesFor([TERRAFORM_SENDER]));
    const send = async (flowLogId: string) => {
      const body = Buffer.from(JSON.stringify(TERRAFORM_SENDER.payload([flowLogId])));
      return receiver.post(await signDelivery(TERRAFORM_SENDER, body, '', receiver.clock.now));
    };
    const first = await send('fl-1');
    expect((await send('fl-1')).body).toEqual(first.body);
    expect((await send('fl-2')).body.batchId).not.toBe(first.body.batchId);
    expect(receiver.store.batches.size).toBe(2);
  });
});

describe('refused before the body is parsed', () => {
  const receiver = createWebhookReceiver(sourcesFor());
  const refused = async (request: WebhookRequest) => (await receiver.post(request)).status;

  test('404 for a source that is not configured, 413 for a megabyte, 401 for no signature', async () => {
    expect(await refused({ source: 'other' })).toBe(404);
    expect(await refused({ source: 'github', body: Buffer.alloc(1_000_001) })).toBe(413);
    expect(await refused({ source: 'github', body: Buffer.alloc(1_000_000) })).toBe(401);
    expect(receiver.store.writes).toEqual([]);
  });

  test('the window is five minutes, in both directions', async () => {
    for (const [awayMs, status] of [
      [300_000, 202],
      [-300_000, 202],
      [301_000, 401],
      [-301_000, 401],
    ] as const) {
      const body = Buffer.from(JSON.stringify(STANDARD.payload(['fl-1'])));
      const delivery = await signDelivery(STANDARD, body, `msg_${awayMs}`, receiver.clock.now + awayMs);
      expect([awayMs, await refused(delivery)]).toEqual([awayMs, status]);
    }
  });
});
