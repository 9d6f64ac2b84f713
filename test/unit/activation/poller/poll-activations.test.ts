import assert from 'node:assert';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import type { CallFailure } from '../../../../lib/activation/model/outcome.ts';
import type { RateLimiter } from '../../../../lib/activation/model/ports.ts';
import { createRateLimiter } from '../../../../lib/activation/model/rate-limiter.ts';
import { accept, leaseForCall, verifyFirst } from '../../../../lib/activation/model/transitions.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import { requestActivations } from '../../../../lib/activation/request/request-activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';
import { SeededRandom } from '../../../support/fakes/seeded-random.ts';

let deps = inMemoryDeps();
let { clock, store, queue, api, publisher, deadLetters, limiter, metrics, log } = deps;
let poller = createPoller(deps);

beforeEach(() => {
  deps = inMemoryDeps();
  ({ clock, store, queue, api, publisher, deadLetters, limiter, metrics, log } = deps);
  poller = createPoller(deps);
});

const tick = async (afterMs = policy.tickMs) => {
  clock.now += afterMs;
  return poller.tick(clock.now + 60_000);
};
const pending = (flowLogId = 'fl-1') => {
  const opened = anActivation({ flowLogId, activationId: `default.cn-beijing.${flowLogId}.${batchIdOf(1)}` });
  return accept(leaseForCall(opened, 'lease-1', START, policy), 'req-1', START, policy);
};
const looking = () => {
  const error = { code: 'InvalidFlowLog.InvalidStatus', message: 'not inactive', httpStatus: 400 };
  return verifyFirst(leaseForCall(anActivation(), 'lease-1', START, policy), error, START, policy);
};
const put = async (activation: Activation) => {
  await store.open(activation);
  store.writes.length = 0;
};
const current = async (flowLogId = 'fl-1') => {
  const found = await store.readCurrent(flowLogOf(flowLogId));
  if (found === undefined) throw new Error('the activation is gone');
  return found;
};
const show = (status: string, change = {}) => {
  api.views = [{ flowLogId: 'fl-1', status, locked: false, ...change }];
};
const typesPublished = () => publisher.published.map(({ type }) => type);

test('Active: publishes submitted, then completed, and empties the outbox in two writes', async () => {
  await put(pending());
  show('Active');
  await tick();
  expect(typesPublished()).toEqual(['flow-log-activation.submitted.v1', 'flow-log-activation.completed.v1']);
  expect(await current()).toMatchObject({ status: 'completed', adopted: false, outbox: [] });
  expect((await current()).dueAt).toBeUndefined();
  expect(store.writes).toEqual(['transition', 'transition']);
});

test('Pending: publishes submitted once, polling writes nothing, and completion takes two writes', async () => {
  await put(pending());
  show('Pending');
  await tick();
  await tick();
  await tick();
  expect(typesPublished()).toEqual(['flow-log-activation.submitted.v1']);
  expect(api.described).toHaveLength(3);
  expect(store.writes).toEqual([]);
  show('Active');
  await tick();
  expect(typesPublished()).toEqual(['flow-log-activation.submitted.v1', 'flow-log-activation.completed.v1']);
  expect(store.writes).toEqual(['transition', 'transition']);
});

test('a new poller publishes again, with the same id and bytes', async () => {
  await put(pending());
  show('Pending');
  await tick();
  const read = await current();
  await store.join(read, batchIdOf(2));
  poller = createPoller(deps);
  await tick();
  const [first, second] = publisher.published;
  expect(publisher.published).toHaveLength(2);
  expect(second).toEqual(first);
});

test('after a minute the published entry of a pending one is removed by an extra write', async () => {
  await put(pending());
  show('Pending');
  await tick(61_000);
  expect((await current()).outbox).toEqual([]);
  await tick();
  expect(typesPublished()).toEqual(['flow-log-activation.submitted.v1']);
});

test('removes only the stored entries; the next tick publishes the rest', async () => {
  await put(pending());
  show('Active');
  publisher.refuse = ({ type }) => type.includes('completed');
  await tick();
  expect(await current()).toMatchObject({
    status: 'completed',
    outbox: ['completed#1'],
    dueAt: expect.any(Number),
  });
  publisher.refuse = () => false;
  await tick();
  expect((await current()).outbox).toEqual([]);
  expect(typesPublished()).toEqual(['flow-log-activation.submitted.v1', 'flow-log-activation.completed.v1']);
});

describe('an entry that the bus or the queue refuses permanently', () => {
  const error = { code: 'InvalidFlowLog.NotFound', message: 'no such flow log', httpStatus: 404 };
  const failedOne = (flowLogId: string) => {
    const opened = anActivation({
      flowLogId,
      activationId: `default.cn-beijing.${flowLogId}.${batchIdOf(1)}`,
    });
    return fail(leaseForCall(opened, 'lease-1', START, policy), 'not-found', START, error);
  };
  const lines = () =>
    log.lines.filter(({ message }) => message === 'not all events and dead letters were published');

  test('is retried with growing delays up to one hour, by every container', async () => {
    publisher.refuseForGood = () => true;
    await put(failedOne('fl-1'));
    const triedAt: number[] = [];
    for (let elapsed = 0; elapsed < 24 * 3_600_000; elapsed += 30_000) {
      if (elapsed % 600_000 === 0) poller = createPoller(deps);
      const { calls } = publisher;
      await tick(30_000);
      if (publisher.calls > calls) triedAt.push(clock.now);
    }
    expect(triedAt.length).toBeGreaterThan(24);
    expect(triedAt.length).toBeLessThan(50);
    const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(3_600_000 + 30_000);
    expect(store.writes.length).toBeLessThan(60);
    expect(await current()).toMatchObject({ outbox: ['failed#1'], refused: { times: triedAt.length } });

    publisher.refuseForGood = () => false;
    await tick(3_600_000);
    await tick(30_000);
    const told = await current();
    expect([told.outbox, told.refused, told.dueAt]).toEqual([[], undefined, undefined]);
  });

  test('causes one log line and one count per tick, and delays no other entry', async () => {
    publisher.refuseForGood = ({ id }) => !id.includes('fl-good');
    deadLetters.refusing = true;
    for (let index = 0; index < 500; index += 1) await put(failedOne(`fl-${index}`));
    await put(failedOne('fl-good'));
    await tick();
    expect(publisher.published).toHaveLength(1);
    expect(lines()).toEqual([
      {
        level: 'error',
        message: 'not all events and dead letters were published',
        fields: expect.objectContaining({
          refused: 1_001,
          codes: ['InvalidArgument', 'InvalidMessageContents'],
        }),
      },
    ]);
    expect(metrics.counts.get('RefusedMessages')).toBe(1_001);
    await tick(1_000);
    expect(lines()).toHaveLength(1);
  });

  test('delays no other event of the flow log, nor its DescribeFlowLogs call', async () => {
    publisher.refuseForGood = ({ type }) => type.includes('submitted');
    await put(pending());
    show('Pending');
    await tick();
    expect(await current()).toMatchObject({
      status: 'pending',
      refused: { entries: ['submitted#1'], times: 1 },
    });
    show('Active');
    await tick(1_000);
    expect(typesPublished()).toEqual(['flow-log-activation.completed.v1']);
    const left = await current();
    expect(left).toMatchObject({ status: 'completed', outbox: ['submitted#1'] });
    expect(left.dueAt).toBe(left.refused?.retryAt);

    publisher.refuseForGood = () => false;
    await tick(3_600_000);
    expect(typesPublished()).toContain('flow-log-activation.submitted.v1');
    expect((await current()).dueAt).toBeUndefined();
  });
});

test('an unavailable bus is retried in each tick, with one log line', async () => {
  deadLetters.broken = true;
  publisher.refuse = () => true;
  for (let index = 0; index < 20; index += 1) {
    await put(fail(anActivation({ flowLogId: `fl-${index}` }), 'not-found', START));
  }
  await tick();
  await tick();
  const lines = log.lines.filter(
    ({ message }) => message === 'not all events and dead letters were published',
  );
  expect(lines.map(({ fields }) => [fields?.refused, fields?.unavailable, fields?.cause])).toEqual([
    [0, 40, 'queue down'],
    [0, 40, 'queue down'],
  ]);
  expect(metrics.counts.has('RefusedMessages')).toBe(false);
});

test('a record that cannot be written does not stop the others of its page', async () => {
  const transition = store.transition.bind(store);
  store.transition = async (previous, next) => {
    if (previous.flowLogId === 'fl-bad') throw new Error('item too large');
    return transition(previous, next);
  };
  await put(fail(anActivation({ flowLogId: 'fl-bad' }), 'not-found', START));
  await put(fail(anActivation({ flowLogId: 'fl-failed' }), 'not-found', START));
  await put(pending());
  show('Active');
  await expect(tick()).rejects.toThrow('item too large');
  expect(await current()).toMatchObject({ status: 'completed' });
  expect((await store.readCurrent(flowLogOf('fl-failed')))?.outbox).toEqual([]);
});

test('a failed one: event and dead letter are each removed only after they are stored', async () => {
  const error = { code: 'InvalidFlowLog.NotFound', message: 'no such flow log', httpStatus: 404 };
  await put(fail(leaseForCall(anActivation(), 'lease-1', START, policy), 'not-found', START, error));
  deadLetters.broken = true;
  await tick();
  expect((await current()).outbox).toEqual(['dead-letter#1']);
  deadLetters.broken = false;
  await tick();
  expect((await current()).outbox).toEqual([]);
  expect(typesPublished()).toEqual(['flow-log-activation.failed.v1']);
  expect(deadLetters.deadLetters).toEqual([
    {
      activationId: anActivation().activationId,
      generation: 1,
      reason: 'not-found',
      lastError: error,
      attempts: 1,
      history: expect.any(Array),
      redriveHelps: true,
    },
  ]);
});

test('the completed event names every joiner', async () => {
  await put(pending());
  await store.join(await current(), batchIdOf(2));
  show('Active');
  await tick();
  const completed = publisher.published.find(({ type }) => type.includes('completed'));
  expect(JSON.parse(completed?.body ?? '{}').data.batchIds).toEqual([batchIdOf(1), batchIdOf(2)]);
});

test('an observation is not lost if a batch joins in between', async () => {
  await put(pending());
  show('Active');
  const { describeFlowLogs } = api;
  api.describeFlowLogs = async (scope, ids) => {
    await store.join(await current(), batchIdOf(2));
    return describeFlowLogs.call(api, scope, ids);
  };
  await tick();
  expect(await current()).toMatchObject({ status: 'completed', joiners: [batchIdOf(2)] });
});

test('not accepted and observed Inactive: queued again, with a job and the same generation', async () => {
  await put(looking());
  show('Inactive');
  await tick();
  expect(await current()).toMatchObject({ status: 'queued', generation: 1, attempts: 1 });
  expect(queue.enqueued).toEqual([
    { job: { activationId: anActivation().activationId, generation: 1 }, delayMs: 1_000 },
  ]);
});

test('not accepted and observed Active: completed as adopted', async () => {
  await put(looking());
  show('Active');
  await tick();
  expect(await current()).toMatchObject({ status: 'completed', adopted: true });
  expect(typesPublished()).toEqual(['flow-log-activation.completed.v1']);
});

test('absent: waits; absent for a minute: fails as not-found; present in between: starts again', async () => {
  await put(pending());
  await tick();
  expect(await current()).toMatchObject({ status: 'pending', absentAt: clock.now });
  show('Pending');
  await tick();
  expect((await current()).absentAt).toBeUndefined();
  api.views = [];
  await tick();
  await tick(policy.replicaLagMs - 1);
  expect((await current()).status).toBe('pending');
  await tick(1);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'not-found' });
});

test('requeued jobs are paced per account', async () => {
  const accounts = ['default', 'second'];
  for (let index = 0; index < 20; index += 1) {
    const account = accounts[index % 2] ?? 'default';
    const flowLogId = `fl-${index}`;
    const activationId = `${account}.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
    await store.open(anActivation({ account, flowLogId, activationId }));
  }
  await tick(policy.requeueAfterMs + 1);
  // Ten jobs per account: seven at once, the others later.
  const delays = Map.groupBy(queue.enqueued, ({ job }) => job.activationId.split('.')[0]);
  for (const account of accounts)
    expect(delays.get(account)?.map(({ delayMs }) => delayMs)).toEqual([
      ...Array(7).fill(0),
      1_608,
      1_965,
      2_322,
    ]);
  for (const { job, delayMs } of queue.enqueued) {
    const dueAt = (await store.readActivation(job.activationId))?.dueAt;
    expect(dueAt).toBe(clock.now + delayMs + policy.requeueAfterMs);
  }
});

test('overdue and queued: moves dueAt, then enqueues the job; a job that is not sent becomes due again', async () => {
  await put(anActivation());
  await tick(policy.requeueAfterMs - 1);
  expect(queue.enqueued).toEqual([]);
  await tick(1);
  expect(queue.enqueued).toEqual([
    { job: { activationId: anActivation().activationId, generation: 1 }, delayMs: 0 },
  ]);
  expect((await current()).dueAt).toBe(clock.now + policy.requeueAfterMs);
  await tick();
  expect(queue.enqueued).toHaveLength(1);
});

test('leased: the poller does nothing, even after dueAt and the deadline', async () => {
  const leased = { ...leaseForCall(anActivation(), 'lease-1', START, policy), dueAt: START };
  await put(leased);
  await tick(policy.leaseMs - 1);
  await put({ ...leased, flowLogId: 'fl-2', deadlineAt: START });
  await tick(0);
  expect(queue.enqueued).toEqual([]);
  expect(api.described).toEqual([]);
  expect(store.writes).toEqual([]);
});

test.each([
  ['Active', 'completed', undefined],
  ['Pending', 'failed', 'deadline-exceeded'],
  ['Inactive', 'failed', 'deadline-exceeded'],
])('at the deadline, observed %s: %s', async (status, final, reason) => {
  await put(anActivation());
  show(status);
  await tick(policy.activationDeadlineMs + policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: final, ...(reason && { reason }) });
  expect(queue.enqueued).toEqual([]);
});

test('does not fail at the deadline without an answer of DescribeFlowLogs', async () => {
  await put(pending());
  api.describeFailure = { kind: 'hold', error: { code: 'AccessDenied', message: 'no' } };
  await tick(policy.activationDeadlineMs + policy.pendingDeadlineMs);
  expect((await current()).status).toBe('pending');
});

test('an accepted one that is observed Inactive waits for its pending deadline', async () => {
  await put(pending());
  show('Inactive');
  await tick();
  expect((await current()).status).toBe('pending');
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
});

test('calls have up to 100 ids of one account and region; without a token there is no call', async () => {
  for (let index = 0; index < 250; index += 1) {
    const region = index < 120 ? 'cn-beijing' : 'cn-shanghai';
    const flowLogId = `fl-${index}`;
    await put({ ...pending(flowLogId), region });
  }
  limiter.tokens = 0;
  await tick();
  expect(api.described).toEqual([]);
  limiter.tokens = 10;
  await tick();
  expect(api.described.map((ids) => ids.length).sort((a, b) => b - a)).toEqual([100, 100, 30, 20]);
  expect(limiter.tokens).toBe(6);
});

test('an id that Volcengine refuses hides no other, and fails after its deadline', async () => {
  for (let index = 0; index < 5; index += 1) await put(pending(`fl-${index}`));
  const { describeFlowLogs } = api;
  const error = { code: 'InvalidParameter', message: 'fl-3', httpStatus: 400 };
  api.views = [0, 1, 2, 3, 4].map((index) => ({ flowLogId: `fl-${index}`, status: 'Active', locked: false }));
  api.describeFlowLogs = async (scope, ids) =>
    ids.includes('fl-3')
      ? { kind: 'dead-letter', reason: 'invalid-request', error }
      : describeFlowLogs.call(api, scope, ids);
  expect(await tick()).toMatchObject({ described: 4, completed: 4, failed: 0 });
  expect((await current('fl-3')).status).toBe('pending');
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  await tick(5 * policy.replicaLagMs);
  expect(await current('fl-3')).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
});

const refusing = (refused: ReadonlySet<string>, failure: CallFailure) => {
  const { describeFlowLogs } = api;
  let calls = 0;
  api.describeFlowLogs = async (scope, ids) => {
    calls += 1;
    return ids.some((id) => refused.has(id)) ? failure : describeFlowLogs.call(api, scope, ids);
  };
  return () => calls;
};
const putHundred = async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `fl-${index}`);
  for (const id of ids) await put(pending(id));
  api.views = ids.map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
};
const failureOf = (kind: 'retry' | 'hold' | 'throttled', code: string, httpStatus: number): CallFailure => ({
  kind,
  error: { code, message: 'refused', httpStatus },
});
const unknownId: CallFailure = {
  kind: 'dead-letter',
  reason: 'not-found',
  error: { code: 'InvalidFlowLog.NotFound', message: 'no such flow log', httpStatus: 404 },
};

describe('one bad id of a hundred, for which the whole call is refused', () => {
  test.each([
    ['404 for an unknown id', unknownId],
    ['500', failureOf('retry', 'InternalError', 500)],
    ['an answer that cannot be read', failureOf('retry', 'InvalidBody', 200)],
    ['403 for an id of another project', failureOf('hold', 'LackProjectPolicy', 403)],
  ])('%s: the others complete in the same tick', async (_what, failure) => {
    await putHundred();
    const calls = refusing(new Set(['fl-77']), failure);
    expect(await tick()).toMatchObject({ completed: 99, failed: 0 });
    expect((await current('fl-77')).status).toBe('pending');
    expect(calls()).toBeLessThanOrEqual(17);
  });

  test.each([
    ['the first', 'fl-0', failureOf('retry', 'InternalError', 500)],
    ['the one in the middle', 'fl-50', failureOf('retry', 'InternalError', 500)],
    ['the last', 'fl-99', failureOf('hold', 'LackProjectPolicy', 403)],
    ['one that resets the connection', 'fl-61', { kind: 'retry', error: { code: 'Reset', message: '' } }],
    ['one that is throttled', 'fl-62', failureOf('throttled', 'FlowLimitExceeded', 429)],
    ['one with Retry-After', 'fl-63', { ...failureOf('retry', 'Unavailable', 503), retryAfterMs: 2_000 }],
  ] as const)('%s of them: the others complete within a few ticks', async (_place, bad, failure) => {
    poller = createPoller({ ...deps, random: new SeededRandom(1).next });
    await putHundred();
    refusing(new Set([bad]), failure);
    for (let round = 0; round < 4; round += 1) await tick(60_000);
    expect([...store.current.values()].filter(({ status }) => status === 'completed')).toHaveLength(99);
  });

  test('starts no call at the end of the invocation, and the next one continues there', async () => {
    await putHundred();
    refusing(new Set(['fl-77']), unknownId);
    const { describeFlowLogs } = api;
    const begunAt: number[] = [];
    api.describeFlowLogs = async (scope, ids) => {
      begunAt.push(clock.now);
      clock.now += 1_000;
      return describeFlowLogs.call(api, scope, ids);
    };
    clock.now += policy.tickMs;
    const stopAt = clock.now + 4_500;
    await poller.tick(stopAt);
    expect(begunAt.filter((at) => at >= stopAt)).toEqual([]);
    await tick();
    expect([...store.current.values()].filter(({ status }) => status === 'completed')).toHaveLength(99);
    expect(begunAt.length).toBeLessThanOrEqual(16);
  });

  test('is described alone from then on, with growing pauses up to 30 seconds', async () => {
    await putHundred();
    const calls = refusing(new Set(['fl-7']), failureOf('retry', 'InternalError', 500));
    await tick();
    const callsIn = async (scheduler: number) => {
      const before = calls();
      for (let round = 0; round < scheduler; round += 1) await tick(5_000);
      return calls() - before;
    };
    // After 5, 10, 20, then each 30 seconds.
    expect(await callsIn(7)).toBe(3);
    expect(await callsIn(12)).toBe(2);
  });

  test('an unknown id fails as not-found after a minute', async () => {
    await putHundred();
    refusing(new Set(['fl-7']), unknownId);
    await tick();
    await tick(policy.replicaLagMs);
    expect(await current('fl-7')).toMatchObject({ status: 'failed', reason: 'not-found' });
  });

  test('ten bad ids do not hide the other ninety for long', async () => {
    await putHundred();
    const refused = new Set(Array.from({ length: 10 }, (_, index) => `fl-${index * 9}`));
    refusing(refused, unknownId);
    for (let round = 0; round < 12; round += 1) await tick();
    const states = await Promise.all(api.views.map(({ flowLogId }) => current(flowLogId)));
    const left = states.filter(({ status, flowLogId }) => status !== 'completed' && !refused.has(flowLogId));
    expect(left).toEqual([]);
  });
});

test.each([1, 2, 3, 4, 5])(
  'most calls fail at random (seed %d): a flow log that is Active before the deadline completes',
  async (seed) => {
    const random = new SeededRandom(seed);
    deps.policy = { ...policy, tickMs: 500, replicaLagMs: 5_000, pendingDeadlineMs: 15_000 };
    poller = createPoller(deps);
    limiter.tokens = Number.POSITIVE_INFINITY;
    const ids = Array.from({ length: 40 }, (_, index) => `fl-${index}`);
    for (const id of ids) await put({ ...pending(id), pendingDeadlineAt: START + 15_000 });
    const { describeFlowLogs } = api;
    const failures = [failureOf('retry', 'InternalError', 500), failureOf('retry', 'InvalidBody', 200)];
    api.describeFlowLogs = async (scope, asked) => {
      clock.now += 100;
      if (random.chance(0.6)) return random.pick(failures) ?? assert.fail();
      return describeFlowLogs.call(api, scope, asked);
    };
    for (let round = 0; round < 200; round += 1) {
      const status = clock.now < START + 8_000 ? 'Pending' : 'Active';
      api.views = ids.map((flowLogId) => ({ flowLogId, status, locked: false }));
      await tick(500);
    }
    const states = await Promise.all(ids.map(async (id) => (await current(id)).status));
    expect(states.filter((status) => status !== 'completed')).toEqual([]);
  },
);

describe('when a token takes longer than a tick', () => {
  const tickMs = 500;
  const ticks = async (count: number) => {
    for (let round = 0; round < count; round += 1) await tick(tickMs);
  };
  let slow: RateLimiter;
  beforeEach(() => {
    slow = createRateLimiter({ ratePerSecond: 0.8, burst: 2, now: deps.now, sleep: deps.sleep });
    poller = createPoller({ ...deps, limiter: slow, policy: { ...policy, tickMs } });
  });

  test('a tick continues with the refused group of the tick before', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `fl-${index}`);
    for (const id of ids) await put(pending(id));
    api.views = ids.map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
    const calls = refusing(new Set(['fl-5']), unknownId);
    await ticks(30);
    const states = await Promise.all(ids.map(async (id) => (await current(id)).status));
    expect(states.filter((status) => status === 'completed')).toHaveLength(11);
    expect(calls()).toBeLessThan(12);
  });

  test('an id for which Volcengine fails is isolated all the same', async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `fl-${index}`);
    for (const id of ids) await put(pending(id));
    const shown = (status: string) => ids.map((flowLogId) => ({ flowLogId, status, locked: false }));
    api.views = shown('Pending');
    // The first burst is used up.
    await ticks(10);
    api.views = shown('Active');
    refusing(new Set(['fl-3']), failureOf('retry', 'InternalError', 500));
    await ticks(60);
    const states = await Promise.all(ids.map(async (id) => (await current(id)).status));
    expect(states.filter((status) => status === 'completed')).toHaveLength(8);
  });

  test('after throttling, refused calls also raise the rate again', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `fl-${index}`);
    for (const id of ids) await put(pending(id));
    api.views = ids.map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
    refusing(new Set(['fl-5']), unknownId);
    for (let round = 0; round < 6; round += 1) {
      clock.now += 2_000;
      slow.throttled('default');
    }
    await ticks(1_200);
    const states = await Promise.all(ids.map(async (id) => (await current(id)).status));
    expect(states.filter((status) => status === 'completed')).toHaveLength(7);
  });

  test('a refused one fails after its deadline', async () => {
    for (const id of ['fl-1', 'fl-2', 'fl-3']) await put(pending(id));
    api.views = ['fl-1', 'fl-2'].map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
    refusing(new Set(['fl-3']), { ...unknownId, reason: 'invalid-request' });
    await ticks(20);
    clock.now = START + policy.pendingDeadlineMs + policy.replicaLagMs;
    await ticks((6 * policy.replicaLagMs) / tickMs);
    expect(await current('fl-3')).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
  });

  test('the regions of an account take turns', async () => {
    const regions = Array.from({ length: 9 }, (_, index) => `cn-region-${index}`);
    for (const region of regions) {
      await put({ ...pending(), region, activationId: `default.${region}.fl-1.${batchIdOf(1)}` });
    }
    const asked: string[] = [];
    const { describeFlowLogs } = api;
    api.describeFlowLogs = async (scope, ids) => {
      asked.push((scope as { region: string }).region);
      return describeFlowLogs.call(api, scope, ids);
    };
    show('Pending');
    await ticks(40);
    expect(new Set(asked.slice(0, 9)).size).toBe(9);
    expect(new Set(asked.slice(-9)).size).toBe(9);
  });
});

test.each([
  ['garbage', failureOf('retry', 'InvalidBody', 200)],
  ['5xx', failureOf('retry', 'InternalError', 500)],
  ['no connection', { kind: 'retry', error: { code: 'ConnectTimeout', message: '' } } as const],
  ['throttled', { kind: 'throttled', error: { code: 'FlowLimitExceeded', message: '' } } as const],
])('%s permanently: fails after the deadline, with a metric and an error log', async (_what, failure) => {
  await put(pending());
  api.describeFailure = failure;
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  expect((await current()).status).toBe('pending');
  await tick(5 * policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
  expect(metrics.counts.get('UnansweredDeadlines')).toBe(1);
});

test('throttled: slows down and changes nothing', async () => {
  await put(pending());
  api.describeFailure = { kind: 'throttled', error: { code: 'FlowLimitExceeded', message: 'slow down' } };
  await tick();
  expect(limiter.throttles).toBe(1);
  expect(store.writes).toEqual([]);
});

test('a batch that a crash left half open is opened, gets its jobs, and leaves the index when all are final', async () => {
  const request = {
    callerScope: 'api',
    flowLogs: [flowLogOf('fl-1'), flowLogOf('fl-2')],
    metadata: {},
    source: 'api',
    requestedBy: 'someone',
  };
  const { open } = store;
  store.open = async (activation) => {
    if (activation.flowLogId === 'fl-2') throw new Error('crash');
    return open.call(store, activation);
  };
  await expect(requestActivations({ ...deps, newBatchId: () => batchIdOf(1) }, request)).rejects.toThrow(
    'crash',
  );
  store.open = open;
  queue.enqueued.length = 0;

  await tick(60_000);
  expect((await current('fl-2')).batchId).toBe(batchIdOf(1));
  expect(queue.enqueued.map(({ job }) => job.activationId)).toEqual([
    `default.cn-beijing.fl-2.${batchIdOf(1)}`,
  ]);
  expect((await store.readBatch(batchIdOf(1)))?.dueAt).toBe(clock.now + 60_000);

  for (const flowLogId of ['fl-1', 'fl-2']) {
    const read = await current(flowLogId);
    await store.transition(read, complete(read, true, clock.now));
  }
  await tick(60_000);
  expect((await store.readBatch(batchIdOf(1)))?.dueAt).toBeUndefined();
});

test('two pollers at once publish each event with one id, and end in the same state', async () => {
  await put(pending());
  show('Active');
  clock.now += policy.tickMs;
  const other = createPoller(deps);
  await Promise.all([poller.tick(clock.now + 60_000), other.tick(clock.now + 60_000)]);
  await tick();
  expect(new Set(publisher.published.map(({ id, body }) => `${id} ${body}`)).size).toBe(2);
  expect(await current()).toMatchObject({ status: 'completed', outbox: [] });
});

test('a failure does not stop the other work, and is thrown at the end', async () => {
  const error = { code: 'InvalidFlowLog.NotFound', message: 'no such flow log' };
  await put(fail(leaseForCall(anActivation(), 'lease-1', START, policy), 'not-found', START, error));
  await put(pending('fl-2'));
  await put(anActivation({ flowLogId: 'fl-3', dueAt: START }));
  api.views = [{ flowLogId: 'fl-2', status: 'Active', locked: false }];
  const { transition } = store;
  store.transition = async (previous, next) => {
    if (previous.flowLogId === 'fl-3') throw new Error('table down');
    return transition.call(store, previous, next);
  };
  await expect(tick()).rejects.toThrow('table down');
  expect(typesPublished()).toEqual(
    expect.arrayContaining(['flow-log-activation.failed.v1', 'flow-log-activation.completed.v1']),
  );
});

test('an unreadable shard does not stop the shards after it, and its error is thrown at the end', async () => {
  await put(pending());
  show('Active');
  const { due } = store;
  store.due = async function* (period, pageRotation) {
    yield { activations: [], batches: [], failure: new Error('throttled') };
    yield* due.call(store, period, pageRotation);
  };
  await expect(tick()).rejects.toThrow('throttled');
  expect(await current()).toMatchObject({ status: 'completed', outbox: [] });
  expect(log.lines.map(({ message }) => message)).toContain('reading due items failed');
});

test('an account with refused permissions is described again a minute later, and delays no other', async () => {
  await put(pending('fl-1'));
  await put({ ...pending('fl-2'), account: 'other', activationId: `other.cn-beijing.fl-2.${batchIdOf(1)}` });
  api.views = ['fl-1', 'fl-2'].map((flowLogId) => ({ flowLogId, status: 'Active', locked: false }));
  const { describeFlowLogs } = api;
  let refused = 0;
  api.describeFlowLogs = async (scope: { account: string; region: string }, ids: string[]) => {
    if (scope.account !== 'default') return describeFlowLogs.call(api, scope, ids);
    refused += 1;
    return { kind: 'hold', error: { code: 'AccessDenied', message: 'no' } };
  };
  expect(await tick()).toMatchObject({ completed: 1 });
  await tick();
  await tick();
  expect(refused).toBe(1);
  await tick(60_000);
  expect(refused).toBe(2);
});

test('if everything is refused, each group costs two calls', async () => {
  for (let index = 0; index < 100; index += 1) await put(pending(`fl-${index}`));
  let calls = 0;
  api.describeFlowLogs = async () => {
    calls += 1;
    return {
      kind: 'dead-letter',
      reason: 'unexpected',
      error: { code: 'Odd', message: 'odd', httpStatus: 418 },
    };
  };
  await tick();
  expect(calls).toBe(2);
});

test('a tick that is too short for all starts with those that waited longest', async () => {
  for (let index = 0; index < 250; index += 1) await put(pending(`fl-${index}`));
  const { describeFlowLogs } = api;
  api.describeFlowLogs = async (scope, ids) => {
    clock.now += policy.tickMs;
    return describeFlowLogs.call(api, scope, ids);
  };
  for (let round = 0; round < 3; round += 1) await tick();
  expect(new Set(api.described.flat()).size).toBe(250);
});
