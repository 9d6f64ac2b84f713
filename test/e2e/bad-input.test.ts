import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type Answer, call, startTestWorld, type TestWorld } from './world.ts';

const json = { 'content-type': 'application/json' };
const ids = (flowLogIds: unknown, more = {}) => JSON.stringify({ flowLogIds, ...more });

type Case = [what: string, path: string, init: RequestInit, status: number, code: string];

const POSTS: [string, RequestInit['body'], number, string, Record<string, string>?][] = [
  ['not JSON', 'hello', 400, 'unparsable-body'],
  ['empty', '', 400, 'unparsable-body'],
  ['text that is no UTF-8', Buffer.from('{"a":"\xff\xfe"}', 'latin1'), 400, 'unparsable-body'],
  [
    'bytes that are no text, which travel as base64',
    Buffer.from([0xff, 0xfe, 0x00]),
    415,
    'unsupported-media-type',
    { 'content-type': 'application/octet-stream' },
  ],
  ['wrong types', ids('fl-1'), 422, 'invalid-content'],
  ['0 ids', ids([]), 422, 'invalid-content'],
  ['1001 ids', ids(Array.from({ length: 1001 }, (_, index) => `fl-${index}`)), 422, 'invalid-content'],
  ['an id with spaces', ids(['fl 1']), 422, 'invalid-content'],
  ['an id of 10 kB', ids(['x'.repeat(10_000)]), 422, 'invalid-content'],
  ['an unknown region format', ids(['fl-1'], { region: 'BEIJING' }), 422, 'invalid-content'],
  ['an unknown account', ids(['fl-1'], { account: 'other' }), 422, 'invalid-content'],
  ['metadata over 4 kB', ids(['fl-1'], { metadata: { a: 'x'.repeat(5_000) } }), 422, 'invalid-content'],
  ['an unknown field', ids(['fl-1'], { extra: true }), 422, 'invalid-content'],
  ['a body over 1 MB', `"${'x'.repeat(1_100_000)}"`, 413, 'content-too-large'],
  ['a wrong content type', ids(['fl-1']), 415, 'unsupported-media-type', { 'content-type': 'text/xml' }],
  ['two keys', ids(['fl-1']), 400, 'repeated-header', { ...json, 'idempotency-key': 'one,two' }],
  ['a bad key', ids(['fl-1']), 422, 'invalid-content', { ...json, 'idempotency-key': 'a b' }],
];

const CASES: Case[] = [
  ...POSTS.map(
    ([what, body, status, code, headers = json]): Case => [
      `POST /activations, ${what}`,
      '/activations',
      { method: 'POST', headers, body },
      status,
      code,
    ],
  ),
  ['a bad parameter', '/activations?limit=0', {}, 422, 'invalid-content'],
  ['an unknown parameter', '/activations?color=red', {}, 422, 'invalid-content'],
  ['a parameter given twice', '/activations?limit=1&limit=2', {}, 422, 'invalid-content'],
  ['a bad cursor', '/activations?cursor=%00', {}, 422, 'invalid-content'],
  ['an activation that is none', '/activations/nonsense', {}, 404, 'activation-not-found'],
  ['an activation of 5 kB', `/activations/${'x'.repeat(5_000)}`, {}, 404, 'activation-not-found'],
  ['an activation in odd encoding', '/activations/a%00%2fb%ff', {}, 404, 'activation-not-found'],
  ['a batch that is none', '/batches/b-1', {}, 404, 'batch-not-found'],
  ['an unknown route', '/nothing', {}, 404, 'unknown-route'],
  ['the root, which has a page and no more', '/', { method: 'POST', body: '{}' }, 404, 'unknown-route'],
  ['an unknown method', '/activations', { method: 'PUT', body: '{}' }, 405, 'method-not-allowed'],
  [
    'a method that the path does not have',
    '/healthz',
    { method: 'POST', body: '{}' },
    405,
    'method-not-allowed',
  ],
];

test('bad input to every route: a precise problem, nothing written, never a 5xx', async () => {
  const world = await startTestWorld();
  const answers: [Case, Answer][] = [];
  for (const bad of CASES) {
    const [, path, init] = bad;
    answers.push([bad, await call(`${world.apiUrl}${path}`, init)]);
  }
  for (const [[what, , , status, code], answer] of answers) {
    expect({
      what,
      status: answer.status,
      type: answer.body.type,
      contentType: answer.headers.get('content-type'),
    }).toEqual({
      what,
      status,
      type: `urn:flow-log-activator:problem:${code}`,
      contentType: 'application/problem+json',
    });
  }
  const named = answers.filter(([[, , , status]]) => status === 422).map(([, { body }]) => body.errors);
  expect(named.every((errors) => Array.isArray(errors) && errors.length > 0)).toBe(true);

  const { body } = await call(`${world.apiUrl}/activations`);
  expect(body.activations).toEqual([]);
  expect(world.logs.filter(({ level }) => level === 'ERROR')).toEqual([]);
});

const sendAll = (world: TestWorld, bodies: string[]) =>
  world.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: world.description.queues.activation,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );

test('a poison message ends in the poison queue with a reason, and its neighbours succeed', async () => {
  const world = await startTestWorld({
    fake: { seeds: [{ region: 'cn-beijing', flowLogId: 'fl-1', pendingMs: 100 }] },
  });
  const bodies = ['not JSON', '{"activationId":7}', '{"activationId":"x","generation":1}'];
  const [, { body }] = await Promise.all([sendAll(world, bodies), world.post({ flowLogIds: ['fl-1'] })]);
  const poisoned = [];
  for (const _ of bodies) {
    const message = await world.receive(world.description.queues.poison);
    poisoned.push([message?.Body, v.parse(v.string(), message?.MessageAttributes?.reason?.StringValue)]);
  }
  expect(poisoned.map(([text]) => text).sort()).toEqual([...bodies].sort());
  const { counts } = await world.untilDone(body.batchId);
  expect(counts.completed).toBe(1);
});
