import { beforeEach, describe, expect, test } from 'vitest';
import { handleRequest } from '../../../functions/request-activations.ts';
import { toProblem } from '../../../lib/api/problems/error-to-problem.ts';
import { httpHandler } from '../../../lib/http/http-handler.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { batchIdOf } from '../../support/fakes/activations.ts';
import { context, httpEvent } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
let { store, queue } = deps;

beforeEach(() => {
  deps = { ...inMemoryDeps(), newBatchId: () => batchIdOf(1) };
  ({ store, queue } = deps);
});

async function post(body: string, headers: Record<string, string> = {}, isBase64Encoded = false) {
  const handler = httpHandler((event) => handleRequest(deps, event), toProblem);
  const event = httpEvent('POST', '/activations', {
    headers: { 'content-type': 'application/json', ...headers },
    body,
    isBase64Encoded,
  });
  const { statusCode, body: answer = '{}', headers: answered } = await handler(event, context());
  return { status: statusCode, body: JSON.parse(answer), headers: answered };
}

const request = (change: Record<string, unknown>) => JSON.stringify({ flowLogIds: ['fl-1'], ...change });

test('202 with the opened activations and a Location, and the batch is stored', async () => {
  const { status, body, headers } = await post(
    request({ region: 'cn-shanghai', metadata: { ticket: 'OPS-1' } }),
  );
  expect(status).toBe(202);
  expect(headers).toEqual({ 'content-type': 'application/json', location: `/batches/${batchIdOf(1)}` });
  expect(body).toEqual({
    batchId: batchIdOf(1),
    activations: [
      {
        activationId: `default.cn-shanghai.fl-1.${batchIdOf(1)}`,
        flowLogId: 'fl-1',
        region: 'cn-shanghai',
        account: 'default',
        status: 'queued',
        joined: false,
      },
    ],
  });
  expect(store.batches.get(batchIdOf(1))?.metadata).toEqual({ ticket: 'OPS-1' });
});

test('accepts base64 bodies and the charset UTF-8', async () => {
  const encoded = Buffer.from(request({})).toString('base64');
  const { status } = await post(encoded, { 'content-type': 'application/json; charset=UTF-8' }, true);
  expect(status).toBe(202);
});

const thousand = Array.from({ length: 1001 }, (_, index) => `fl-${index}`);
const big = 'x'.repeat(4_097);

/** The request, the status, the code, and the named fields. */
const refused: [string, Parameters<typeof post>, number, string, string[]][] = [
  ['nothing', [''], 400, 'unparsable-body', ['body']],
  ['not JSON', ['{"flowLogIds": ['], 400, 'unparsable-body', ['body']],
  [
    'not UTF-8',
    [Buffer.from([0x22, 0xff, 0x22]).toString('base64'), {}, true],
    400,
    'unparsable-body',
    ['body'],
  ],
  [
    'text that no bytes of UTF-8 give',
    ['{"flowLogIds": ["fl-1"], "metadata": {"a": "\ud83d"}}'],
    400,
    'unparsable-body',
    ['body'],
  ],
  [
    'a number that would be another',
    ['{"flowLogIds": ["fl-1"], "metadata": {"n": 12345678901234567890}}'],
    400,
    'unparsable-body',
    ['body'],
  ],
  ['a list', ['[]'], 422, 'invalid-content', ['body']],
  ['null', ['null'], 422, 'invalid-content', ['body']],
  ['a number', ['7'], 422, 'invalid-content', ['body']],
  ['no ids', ['{}'], 422, 'invalid-content', ['flowLogIds']],
  ['zero ids', [request({ flowLogIds: [] })], 422, 'invalid-content', ['flowLogIds']],
  ['1001 ids', [request({ flowLogIds: thousand })], 422, 'invalid-content', ['flowLogIds']],
  ['ids that are no list', [request({ flowLogIds: 'fl-1' })], 422, 'invalid-content', ['flowLogIds']],
  [
    'an id with a space',
    [request({ flowLogIds: ['fl-1', 'fl 2'] })],
    422,
    'invalid-content',
    ['flowLogIds[1]'],
  ],
  [
    'an id of 10 kB',
    [request({ flowLogIds: ['x'.repeat(10_000)] })],
    422,
    'invalid-content',
    ['flowLogIds[0]'],
  ],
  ['an empty id', [request({ flowLogIds: [''] })], 422, 'invalid-content', ['flowLogIds[0]']],
  ['an id that is no string', [request({ flowLogIds: [7] })], 422, 'invalid-content', ['flowLogIds[0]']],
  ['an odd region', [request({ region: 'Beijing 1' })], 422, 'invalid-content', ['region']],
  [
    'a region of 10 kB',
    [request({ region: `cn-${'a'.repeat(10_000)}` })],
    422,
    'invalid-content',
    ['region'],
  ],
  ['an unknown account', [request({ account: 'other' })], 422, 'invalid-content', ['account']],
  ['an account named __proto__', [request({ account: '__proto__' })], 422, 'invalid-content', ['account']],
  ['a region the account may not use', [request({ account: 'narrow' })], 422, 'invalid-content', ['region']],
  ['metadata that is no object', [request({ metadata: [] })], 422, 'invalid-content', ['metadata']],
  ['metadata of numbers', [request({ metadata: { a: 1 } })], 422, 'invalid-content', ['metadata.a']],
  ['metadata over 4 kB', [request({ metadata: { a: big } })], 422, 'invalid-content', ['metadata']],
  ['an unknown field', [request({ flowLogId: 'fl-1' })], 422, 'invalid-content', ['flowLogId']],
  [
    'a field twice',
    ['{"flowLogIds": ["fl-1"], "flow\\u004cogIds": ["fl-2"]}'],
    422,
    'invalid-content',
    ['flowLogIds'],
  ],
  [
    'a key of metadata twice',
    ['{"flowLogIds": ["fl-1"], "metadata": {"a": "1", "b": "x:y,{", "a": "1"}}'],
    422,
    'invalid-content',
    ['metadata.a'],
  ],
  [
    'a key twice in an entry of a list',
    ['{"flowLogIds": ["a,b", {"c": [1, {}]}, {"a": 1, "a": 2}]}'],
    422,
    'invalid-content',
    ['flowLogIds[2].a'],
  ],
  [
    'keys that are there twice by the hundred thousand',
    [`{"flowLogIds": ["fl-1"], "metadata": {"a": "1"${', "a": ""'.repeat(100_000)}}}`],
    422,
    'invalid-content',
    Array.from({ length: 20 }, () => 'metadata.a'),
  ],
  [
    'several things wrong',
    [request({ flowLogIds: ['a b'], region: '!', extra: 1 })],
    422,
    'invalid-content',
    ['flowLogIds[0]', 'region', 'extra'],
  ],
  [
    'a key of spaces',
    [request({}), { 'idempotency-key': 'a b' }],
    422,
    'invalid-content',
    ['Idempotency-Key'],
  ],
  [
    'two keys, which API Gateway joins',
    [request({}), { 'idempotency-key': 'one,two' }],
    400,
    'repeated-header',
    ['Idempotency-Key'],
  ],
  [
    'two content types, which API Gateway joins',
    [request({}), { 'content-type': 'application/json,application/json' }],
    415,
    'unsupported-media-type',
    ['content-type'],
  ],
  [
    'a key too long',
    [request({}), { 'idempotency-key': 'k'.repeat(256) }],
    422,
    'invalid-content',
    ['Idempotency-Key'],
  ],
  ['no content type', [request({}), { 'content-type': '' }], 415, 'unsupported-media-type', ['content-type']],
  [
    'a form',
    [request({}), { 'content-type': 'text/plain' }],
    415,
    'unsupported-media-type',
    ['content-type'],
  ],
  ['over 1 MB', [`"${'x'.repeat(1_000_000)}"`], 413, 'content-too-large', ['body']],
  [
    'over 1 MB in base64',
    [Buffer.from('x'.repeat(1_000_001)).toString('base64'), {}, true],
    413,
    'content-too-large',
    ['body'],
  ],
  ['nested too deep to be anything', ['['.repeat(400_000)], 400, 'unparsable-body', ['body']],
];

describe('refused with the field names, and nothing is written', () => {
  test.each(refused)('%s', async (_what, sent, status, code, fields) => {
    const { status: answered, body, headers } = await post(...sent);
    expect({ answered, type: body.type, status: body.status }).toEqual({
      answered: status,
      type: `urn:flow-log-activator:problem:${code}`,
      status,
    });
    expect(headers?.['content-type']).toBe('application/problem+json');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(JSON.stringify(body).length).toBeLessThan(2_000);
    expect(store.writes).toEqual([]);
    expect(queue.enqueued).toEqual([]);
  });
});

test('counts a thousand bad ids, and names the first twenty', async () => {
  const { body } = await post(request({ flowLogIds: Array.from({ length: 1_000 }, () => 'a b') }));
  expect(body.errors).toHaveLength(20);
  expect(body.errorsInAll).toBe(1_000);
});

test('the same key with another body: 422, naming the header', async () => {
  const headers = { 'idempotency-key': 'k' };
  const first = await post(request({}), headers);
  const again = await post(request({}), headers);
  expect(again.body).toEqual(first.body);
  const { status, body } = await post(request({ flowLogIds: ['fl-2'] }), headers);
  expect([status, body.type, body.errors[0].field]).toEqual([
    422,
    'urn:flow-log-activator:problem:idempotency-key-reused',
    'Idempotency-Key',
  ]);
});

test('our own failure is a 500 without its cause', async () => {
  store.createBatch = () => Promise.reject(new Error('secret table arn'));
  const { status, body } = await post(request({}));
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('an unknown region is refused with its name and the nearest ones; nothing is written', async () => {
  const { status, body } = await post(request({ region: 'cn-bejing' }));
  expect(status).toBe(422);
  expect(body.errors).toEqual([
    {
      field: 'region',
      message: expect.stringMatching(/^is not a known region \(the nearest are cn-beijing, /),
    },
  ]);
  expect(store.writes).toEqual([]);
});
