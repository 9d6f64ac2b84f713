import { beforeEach, describe, expect, test } from 'vitest';
import { handleRead } from '../../../functions/read-activations.ts';
import { eachCategory } from '../../../lib/activation/batches/plan.ts';
import { executePlan } from '../../../lib/activation/batches/start-batch.ts';
import { decideDrift } from '../../../lib/activation/drift/drift.ts';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import { complete, fail } from '../../../lib/activation/model/endings.ts';
import { retryLater } from '../../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../../lib/activation/model/transitions.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import { aRequest, numberedIds, published } from '../../support/builders/activations.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { batchIdOf, policy, START } from '../../support/fakes/activations.ts';
import { aFlowLog, aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
let { store, clock } = deps;

beforeEach(() => {
  deps = inMemoryDeps();
  ({ store, clock } = deps);
});

function get(routeKey: string, change: Parameters<typeof httpEvent>[2] = {}) {
  const [method = '', path = ''] = routeKey.split(' ');
  return responseOf((event) => handleRead(() => deps, event), {
    ...httpEvent(method, path),
    routeKey,
    ...change,
  });
}

const ask = (flowLogIds: string[], idempotencyKey: string) =>
  requestActivations(deps, aRequest(flowLogIds, { idempotencyKey, metadata: { a: '1' } }));

const list = (queryStringParameters: Record<string, string>) =>
  get('GET /activations', { queryStringParameters });

const finish = (flowLogId: string) => store.change(flowLogId, (open) => complete(open, true, clock.now));

test('an activation with its times and history, without internal fields', async () => {
  const { activations, batchId } = await ask(['fl-1'], 'k');
  await store.change('fl-1', (queued) =>
    accept(leaseForCall(queued, 'lease-1', START + 10, policy), 'req-1', START + 20, policy),
  );
  const activationId = activations[0]?.activationId ?? '';
  const { status, body } = await get('GET /activations/{activationId}', { pathParameters: { activationId } });
  expect(status).toBe(200);
  expect(body).toEqual({
    activationId,
    flowLogId: 'fl-1',
    region: 'cn-beijing',
    account: 'default',
    status: 'pending',
    generation: 1,
    attempts: 1,
    batchIds: [batchId],
    requestId: 'req-1',
    source: 'api',
    requestedBy: 'someone',
    metadata: { a: '1' },
    createdAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '2026-01-02T03:04:05.020Z',
    queuedAt: '2026-01-02T03:04:05.000Z',
    pendingAt: '2026-01-02T03:04:05.020Z',
    deadlineAt: '2026-01-03T03:04:05.000Z',
    history: [
      { at: '2026-01-02T03:04:05.000Z', generation: 1, attempt: 0, event: 'opened', by: 'someone' },
      { at: '2026-01-02T03:04:05.020Z', generation: 1, attempt: 1, event: 'accepted' },
    ],
  });
});

describe('an activation says what it waits for, and what was published', () => {
  const read = async (change: (queued: Activation) => Activation) => {
    const { activations } = await ask(['fl-1'], 'k');
    await store.change('fl-1', change);
    const activationId = activations[0]?.activationId ?? '';
    return (await get('GET /activations/{activationId}', { pathParameters: { activationId } })).body;
  };
  const error = { code: 'InvalidAccessKey', message: 'no such key' };

  test('queued: the next attempt', async () => {
    expect(await read((queued) => queued)).toMatchObject({ nextAttemptAt: '2026-01-02T03:04:05.000Z' });
  });

  test('on hold: since when, why, and the next attempt', async () => {
    const body = await read((queued) => {
      const leased = leaseForCall(queued, 'lease-1', START, policy);
      return retryLater(leased, 'hold', error, 300_000, START + 1_000, policy);
    });
    expect(body).toMatchObject({
      held: { since: '2026-01-02T03:04:06.000Z', code: 'InvalidAccessKey' },
      nextAttemptAt: '2026-01-02T03:09:06.000Z',
    });
  });

  test('while it is called: no next attempt', async () => {
    const body = await read((queued) => leaseForCall(queued, 'lease-1', START, policy));
    expect(body).not.toHaveProperty('nextAttemptAt');
    expect(body).not.toHaveProperty('held');
  });

  test('drifted: what was seen, and each publication of its generation', async () => {
    const view = { flowLogId: 'fl-1', status: 'Inactive', locked: false };
    const body = await read((queued) =>
      published(decideDrift(published(complete(queued, true, START)), view, START + 1_000)),
    );
    expect(body).toMatchObject({
      drift: { kind: 'inactive', status: 'Inactive', detectedAt: '2026-01-02T03:04:06.000Z' },
      published: [
        { event: 'completed', generation: 1, at: '2026-01-02T03:04:05.000Z' },
        { event: 'drifted', generation: 1, at: '2026-01-02T03:04:05.000Z' },
      ],
    });
  });
});

test('a batch counts its own, joined and archived activations', async () => {
  const first = await ask(['fl-1', 'fl-2'], 'first');
  const second = await ask(['fl-1', 'fl-2', 'fl-3'], 'second');
  await finish('fl-1');
  await ask(['fl-1'], 'third');
  const of = (batchId: string) => get('GET /batches/{batchId}', { pathParameters: { batchId } });
  expect((await of(first.batchId)).body).toEqual({
    batchId: first.batchId,
    requestedBy: 'someone',
    total: 2,
    counts: { queued: 1, pending: 0, completed: 1, failed: 0 },
    done: false,
  });
  expect((await of(second.batchId)).body).toMatchObject({ total: 3, counts: { queued: 2, completed: 1 } });
  await finish('fl-2');
  expect((await of(first.batchId)).body).toMatchObject({ counts: { queued: 0, completed: 2 }, done: true });
});

test('lists newest first with a cursor, by status, flow log and batch', async () => {
  await ask(['fl-1'], 'k1');
  clock.now += 1;
  const { batchId } = await ask(['fl-2', 'fl-1', 'fl-3'], 'k2');
  await finish('fl-2');
  const idsOf = async (query: Record<string, string>) => {
    const { body } = await list(query);
    const ids = body.activations.map(({ flowLogId }: { flowLogId: string }) => flowLogId);
    return { ids, nextCursor: body.nextCursor };
  };
  const page = await idsOf({ limit: '2' });
  expect(page.ids).toEqual(['fl-3', 'fl-2']);
  expect(await idsOf({ limit: '2', cursor: page.nextCursor })).toEqual({ ids: ['fl-1'] });
  expect(await idsOf({ status: 'completed' })).toEqual({ ids: ['fl-2'] });
  expect(await idsOf({ flowLogId: 'fl-1' })).toEqual({ ids: ['fl-1'] });
  expect(await idsOf({ flowLogId: 'fl-1', region: 'cn-shanghai' })).toEqual({ ids: [] });
  expect(await idsOf({ region: 'cn-shanghai' })).toEqual({ ids: [] });
  expect(await idsOf({ account: 'default', status: 'completed' })).toEqual({ ids: ['fl-2'] });
  const [before, after] = ['2026-01-02T03:04:05.000Z', '2026-01-02T11:04:05.001+08:00'];
  expect(await idsOf({ createdUntil: before })).toEqual({ ids: ['fl-1'] });
  expect(await idsOf({ createdFrom: after })).toEqual({ ids: ['fl-3', 'fl-2'] });
  expect(await idsOf({ batchId, limit: '2' })).toEqual({ ids: ['fl-2', 'fl-1'], nextCursor: '2' });
  expect(await idsOf({ batchId, limit: '2', cursor: '2' })).toEqual({ ids: ['fl-3'] });
  expect(await idsOf({ batchId, flowLogId: 'fl-1', status: 'queued' })).toEqual({ ids: ['fl-1'] });
});

test('filters hold in a list and in that of a batch', async () => {
  const { batchId } = await ask(['fl-1', 'fl-2', 'fl-3'], 'k');
  await store.change('fl-1', (open) => fail(open, 'frozen', START));
  await store.change('fl-2', (open) => fail(open, 'deleting', START));
  const idsOf = async (query: Record<string, string>) => {
    const { body } = await list(query);
    return body.activations.map(({ flowLogId }: { flowLogId: string }) => flowLogId);
  };
  expect(await idsOf({ reason: 'frozen' })).toEqual(['fl-1']);
  expect(await idsOf({ reason: 'frozen', batchId })).toEqual(['fl-1']);
  expect(await idsOf({ reason: 'frozen', status: 'queued' })).toEqual([]);
  expect(await idsOf({ held: 'true', batchId })).toEqual([]);
  expect(await idsOf({ drift: 'true', batchId })).toEqual([]);
  expect(await idsOf({ account: 'narrow', batchId })).toEqual([]);
});

test('the pages of a batch hide nothing if an activation of an earlier page changes its status', async () => {
  const { batchId } = await ask(['fl-1', 'fl-2', 'fl-3'], 'k');
  const query = { batchId, status: 'queued', limit: '1' };
  const first = await list(query);
  expect(first.body.activations).toMatchObject([{ flowLogId: 'fl-1' }]);
  await finish('fl-1');
  const second = await list({ ...query, limit: '2', cursor: first.body.nextCursor });
  expect(second.body.activations).toMatchObject([{ flowLogId: 'fl-2' }, { flowLogId: 'fl-3' }]);
  expect(second.body.nextCursor).toBeUndefined();
});

describe('refused with the field name', () => {
  test.each([
    ['status', { status: 'done' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '201' }],
    ['limit', { limit: '1e2' }],
    ['flowLogId', { flowLogId: 'a b' }],
    ['batchId', { batchId: 'b-1' }],
    ['region', { region: 'beijing' }],
    ['account', { account: 'a b' }],
    ['reason', { reason: 'broken' }],
    ['held', { held: 'false' }],
    ['drift', { drift: '' }],
    ['createdFrom', { createdFrom: 'yesterday' }],
    ['createdFrom', { createdFrom: '2026-01-02' }],
    ['createdUntil', { createdUntil: '2026-02-30T00:00:60Z' }],
    ['cursor', { cursor: 'nonsense' }],
    ['cursor', { cursor: '' }],
    ['color', { color: 'red' }],
  ])('%s: %j', async (field, query) => {
    const { status, body } = await list(query);
    expect([status, body.errors?.[0].field]).toEqual([422, field]);
  });

  test.each([
    ['an activation that is not there', 'activation', `default.cn-beijing.fl-1.${batchIdOf(9)}`],
    ['an id that is none', 'activation', '../../etc'],
    ['a batch that is not there', 'batch', batchIdOf(9)],
  ])('%s: 404', async (_what, what, id) => {
    const routeKey = what === 'batch' ? 'GET /batches/{batchId}' : 'GET /activations/{activationId}';
    const { status, body } = await get(routeKey, { pathParameters: { [`${what}Id`]: id } });
    expect([status, body.type]).toEqual([404, `urn:flow-log-activator:problem:${what}-not-found`]);
  });

  test('an unknown path is 404; a known path with another method is 405 with the allowed methods', async () => {
    const unknown = await get('$default', { ...httpEvent('GET', '/nothing/here'), routeKey: '$default' });
    expect([unknown.status, unknown.body.type]).toEqual([
      404,
      'urn:flow-log-activator:problem:unknown-route',
    ]);
    const other = await get('$default', { ...httpEvent('PUT', '/activations/x'), routeKey: '$default' });
    expect([other.status, other.headers?.allow]).toEqual([405, 'GET, DELETE']);
  });
});

test('the health check needs no dependencies', async () => {
  const { status, body } = await get('GET /healthz');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});

describe('a plan', () => {
  const planId = `p-${'1'.repeat(32)}`;
  const plan = {
    planId,
    requestHash: 'hash',
    requestedBy: 'alice',
    selector: aSelector({ status: ['Inactive'] }),
    metadata: {},
    flowLogs: { ...eachCategory(() => []), wouldActivate: numberedIds(1_001) },
    createdAt: START,
  };
  const read = (id = planId) => get('GET /plans/{planId}', { pathParameters: { planId: id } });

  test('as its dry run returned it, and who made it', async () => {
    await deps.plans.create(plan);
    const { status, body } = await read();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      planId,
      counts: { wouldActivate: 1_001, frozen: 0 },
      more: true,
      createdAt: '2026-01-02T03:04:05.000Z',
      requestedBy: 'alice',
    });
    expect(body).not.toHaveProperty('execution');
  });

  test('executed: when, by whom, and its batches', async () => {
    await deps.plans.create(plan);
    const limit = { flowLogs: 5_000, selectBy: START + 60_000, openUntil: START + 60_000 };
    for (const flowLogId of plan.flowLogs.wouldActivate) deps.finder.flowLogs.push(aFlowLog(flowLogId));
    const { batches } = await executePlan(deps, { planId, source: 'api', requestedBy: 'bob' }, limit);
    expect((await read()).body.execution).toEqual({
      at: '2026-01-02T03:04:05.000Z',
      source: 'api',
      requestedBy: 'bob',
      batchIds: batches.map(({ batchId }) => batchId),
    });
    expect(batches).toHaveLength(2);
  });

  test.each([`p-${'2'.repeat(32)}`, 'p-1', '../../etc'])('%s is not there: 404', async (id) => {
    const { status, body } = await read(id);
    expect([status, body.type]).toEqual([404, 'urn:flow-log-activator:problem:plan-not-found']);
  });
});

test('the status in ISO times, with the version of the API', async () => {
  await ask(['fl-1'], 'k');
  deps.queueDepths.depths.set('poll', { messages: 1, inFlight: 0, delayed: 2 }).set('webhook', undefined);
  const { status, body } = await get('GET /status');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    at: '2026-01-02T03:04:05.000Z',
    api: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    poller: {},
    bus: { state: 'ok' },
    outbox: { waiting: { count: 0 } },
    deactivation: { allowed: false },
    queues: [{ name: 'poll', messages: 1, inFlight: 0, delayed: 2 }, { name: 'webhook' }],
  });
  expect(body.accounts).toMatchObject([
    { account: 'default', state: 'ok', ratePerSecond: 4, open: { count: 1 }, failed: [] },
    { account: 'narrow', open: { count: 0 } },
  ]);
});

test('the status of a deployment that takes deactivations says so', async () => {
  const statusDeps = deps.statusDeps;
  deps = { ...deps, statusDeps: () => ({ ...statusDeps(), allowsDeactivation: true }) };
  expect((await get('GET /status')).body.deactivation).toEqual({ allowed: true });
});
