import { beforeEach, describe, expect, test } from 'vitest';
import { handleRequest } from '../../../functions/request-activations.ts';
import { numberedIds } from '../../support/builders/activations.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { batchIdOf } from '../../support/fakes/activations.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
let { store, queue } = deps;

beforeEach(() => {
  deps = { ...inMemoryDeps(), newBatchId: () => batchIdOf(1) };
  ({ store, queue } = deps);
});

const post = (body: string, sent: Record<string, string> = {}, isBase64Encoded = false) => {
  const headers = { 'content-type': 'application/json', ...sent };
  const event = httpEvent('POST', '/activations', { headers, body, isBase64Encoded });
  return responseOf((request) => handleRequest(deps, request), event);
};
const request = (change: object = {}) => JSON.stringify({ flowLogIds: ['fl-1'], ...change });

test('202 with the opened activations and a Location, and the batch is stored', async () => {
  const { status, body, headers } = await post(
    request({ region: 'cn-shanghai', metadata: { ticket: 'OPS-1' } }),
  );
  expect(status).toBe(202);
  expect(headers).toEqual({
    'content-type': 'application/json',
    location: `/batches/${batchIdOf(1)}`,
    'x-request-id': 'request-1',
  });
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
  const encoded = Buffer.from(request()).toString('base64');
  const { status } = await post(encoded, { 'content-type': 'application/json; charset=UTF-8' }, true);
  expect(status).toBe(202);
});

describe('refused with the field names, and nothing is written', () => {
  const refuses = async (sent: Parameters<typeof post>, problem: [number, string], fields: string[]) => {
    const [status, code] = problem;
    const { status: statusCode, body, headers } = await post(...sent);
    const type = `urn:flow-log-activator:problem:${code}`;
    expect({ statusCode, type: body.type, status: body.status }).toEqual({
      statusCode: status,
      type,
      status,
    });
    expect(headers?.['content-type']).toBe('application/problem+json');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(JSON.stringify(body).length).toBeLessThan(2_000);
    expect(store.writes).toEqual([]);
    expect(queue.enqueued).toEqual([]);
  };
  const unparsable: [number, string] = [400, 'unparsable-body'];
  const tooLarge: [number, string] = [413, 'content-too-large'];
  const unsupported: [number, string] = [415, 'unsupported-media-type'];
  const invalid: [number, string] = [422, 'invalid-content'];

  test.each<[string, string, boolean?]>([
    ['nothing', ''],
    ['not JSON', '{"flowLogIds": ['],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('base64'), true],
    ['text that no bytes of UTF-8 give', '{"flowLogIds": ["fl-1"], "metadata": {"a": "\ud83d"}}'],
    ['a number that would be another', '{"flowLogIds": ["fl-1"], "metadata": {"n": 12345678901234567890}}'],
    ['nested too deep to be anything', '['.repeat(400_000)],
  ])('%s', (_what, body, isBase64) => refuses([body, {}, isBase64], unparsable, ['body']));

  test.each<[string, object, string[]]>([
    ['zero ids', { flowLogIds: [] }, ['flowLogIds']],
    ['1001 ids', { flowLogIds: numberedIds(1_001) }, ['flowLogIds']],
    ['ids that are no list', { flowLogIds: 'fl-1' }, ['flowLogIds']],
    ['an id with a space', { flowLogIds: ['fl-1', 'fl 2'] }, ['flowLogIds[1]']],
    ['an id of 10 kB', { flowLogIds: ['x'.repeat(10_000)] }, ['flowLogIds[0]']],
    ['an empty id', { flowLogIds: [''] }, ['flowLogIds[0]']],
    ['an id that is no string', { flowLogIds: [7] }, ['flowLogIds[0]']],
    ['an odd region', { region: 'Beijing 1' }, ['region']],
    ['a region of 10 kB', { region: `cn-${'a'.repeat(10_000)}` }, ['region']],
    ['an unknown account', { account: 'other' }, ['account']],
    ['an account named __proto__', { account: '__proto__' }, ['account']],
    ['a region the account may not use', { account: 'narrow' }, ['region']],
    ['metadata that is no object', { metadata: [] }, ['metadata']],
    ['metadata of numbers', { metadata: { a: 1 } }, ['metadata.a']],
    ['metadata over 4 kB', { metadata: { a: 'x'.repeat(4_097) } }, ['metadata']],
    ['an unknown field', { flowLogId: 'fl-1' }, ['flowLogId']],
    [
      'several things wrong',
      { flowLogIds: ['a b'], region: '!', extra: 1 },
      ['flowLogIds[0]', 'region', 'extra'],
    ],
  ])('%s', (_what, change, fields) => refuses([request(change)], invalid, fields));

  const manyTwice = `{"flowLogIds": ["fl-1"], "metadata": {"a": "1"${', "a": ""'.repeat(100_000)}}}`;
  const twiceInMetadata = '{"flowLogIds": ["fl-1"], "metadata": {"a": "1", "b": "x:y,{", "a": "1"}}';
  test.each<[string, string, string[]]>([
    ['a list', '[]', ['body']],
    ['null', 'null', ['body']],
    ['a number', '7', ['body']],
    ['no ids', '{}', ['flowLogIds']],
    ['a field twice', '{"flowLogIds": ["fl-1"], "flow\\u004cogIds": ["fl-2"]}', ['flowLogIds']],
    ['a key of metadata twice', twiceInMetadata, ['metadata.a']],
    [
      'a key twice in an entry of a list',
      '{"flowLogIds": ["a,b", {"c": [1, {}]}, {"a": 1, "a": 2}]}',
      ['flowLogIds[2].a'],
    ],
    ['keys that are there twice by the hundred thousand', manyTwice, Array(20).fill('metadata.a')],
  ])('%s', (_what, body, fields) => refuses([body], invalid, fields));

  test.each<[string, Record<string, string>, [number, string], string]>([
    ['a key of spaces', { 'idempotency-key': 'a b' }, invalid, 'Idempotency-Key'],
    ['a key too long', { 'idempotency-key': 'k'.repeat(256) }, invalid, 'Idempotency-Key'],
    [
      'two keys, which API Gateway joins',
      { 'idempotency-key': 'one,two' },
      [400, 'repeated-header'],
      'Idempotency-Key',
    ],
    [
      'two content types, which API Gateway joins',
      { 'content-type': 'application/json,application/json' },
      unsupported,
      'content-type',
    ],
    ['no content type', { 'content-type': '' }, unsupported, 'content-type'],
    ['a form', { 'content-type': 'text/plain' }, unsupported, 'content-type'],
  ])('%s', (_what, headers, problem, field) => refuses([request(), headers], problem, [field]));

  test.each<[string, string, boolean?]>([
    ['over 1 MB', `"${'x'.repeat(1_000_000)}"`],
    ['over 1 MB in base64', Buffer.from('x'.repeat(1_000_001)).toString('base64'), true],
  ])('%s', (_what, body, isBase64) => refuses([body, {}, isBase64], tooLarge, ['body']));
});

test('counts a thousand bad ids, and names the first twenty', async () => {
  const { body } = await post(request({ flowLogIds: Array.from({ length: 1_000 }, () => 'a b') }));
  expect(body.errors).toHaveLength(20);
  expect(body.errorsInAll).toBe(1_000);
});

test('the same key with another body: 422, naming the header', async () => {
  const headers = { 'idempotency-key': 'k' };
  const first = await post(request(), headers);
  const again = await post(request(), headers);
  expect(again.body).toEqual(first.body);
  const { status, body } = await post(request({ flowLogIds: ['fl-2'] }), headers);
  expect([status, body.type, body.errors[0].field]).toEqual([
    422,
    'urn:flow-log-activator:problem:idempotency-key-reused',
    'Idempotency-Key',
  ]);
});

test('every unknown field is named', async () => {
  const { status, body } = await post(request({ metdata: {}, regoin: 'cn-beijing' }));
  expect(status).toBe(422);
  expect(body.errors).toEqual(
    ['metdata', 'regoin'].map((field) => ({ field, message: 'is not a field of this request' })),
  );
});

test('our own failure is a 500 without its cause', async () => {
  store.createBatch = () => Promise.reject(new Error('secret table arn'));
  const { status, body } = await post(request());
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
