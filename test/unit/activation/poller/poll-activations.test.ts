import { beforeEach, describe, expect, test } from 'vitest';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { complete } from '../../../../lib/activation/model/endings.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import type { PollerDeps } from '../../../../lib/activation/poller/poller-deps.ts';
import { requestActivations } from '../../../../lib/activation/request/request-activations.ts';
import {
  aFailedActivation,
  aLeasedActivation,
  anAcceptedActivation,
  anUnacceptedActivation,
  aRequest,
  NOT_FOUND,
  numberedIds,
} from '../../../support/builders/activations.ts';
import { callFailure, refusedPermanently } from '../../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';
import { beforeCall } from '../../../support/fakes/before-call.ts';
import { inMemoryQuota } from '../../../support/fakes/in-memory-quota-store.ts';
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
const ticks = async (count: number, afterMs?: number) => {
  for (let round = 0; round < count; round += 1) await tick(afterMs);
};
const put = async (...activations: Activation[]) => {
  for (const activation of activations) await store.open(activation);
  store.writes.length = 0;
};
const putAccepted = (flowLogIds: string[]) =>
  put(...flowLogIds.map((flowLogId) => anAcceptedActivation({ flowLogId })));
const current = (flowLogId = 'fl-1') => store.currentOf(flowLogId);
const idsOf = (status: Activation['status']) =>
  [...store.current.values()].filter((one) => one.status === status).map(({ flowLogId }) => flowLogId);
const typesPublished = () => publisher.published.map(({ type }) => type);
const SUBMITTED = 'flow-log-activation.submitted.v1';
const COMPLETED = 'flow-log-activation.completed.v1';
const notPublished = () =>
  log.lines.filter(({ message }) => message === 'not all events and dead letters were published');

test('Active: publishes submitted, then completed, and empties the outbox in two writes', async () => {
  await put(anAcceptedActivation());
  api.show('Active');
  await tick();
  expect(typesPublished()).toEqual([SUBMITTED, COMPLETED]);
  expect(await current()).toMatchObject({ status: 'completed', adopted: false, outbox: [] });
  expect((await current()).dueAt).toBeUndefined();
  expect(store.writes).toEqual(['transition', 'transition']);
});

test('Pending: publishes submitted once, polling writes nothing, and completion takes two writes', async () => {
  await put(anAcceptedActivation());
  api.show('Pending');
  await ticks(3);
  expect(typesPublished()).toEqual([SUBMITTED]);
  expect(api.described).toHaveLength(3);
  expect(store.writes).toEqual([]);
  api.show('Active');
  await tick();
  expect(typesPublished()).toEqual([SUBMITTED, COMPLETED]);
  expect(store.writes).toEqual(['transition', 'transition']);
});

test('the writes that empty the outbox note when each entry was published', async () => {
  await put(anAcceptedActivation());
  api.show('Pending');
  await tick();
  const submittedAt = clock.now;
  api.show('Active');
  await tick();
  expect((await current()).published).toEqual([
    { entry: 'submitted#1', at: submittedAt },
    { entry: 'completed#1', at: clock.now },
  ]);
});

test('a new poller publishes again, with the same id and bytes', async () => {
  await put(anAcceptedActivation());
  api.show('Pending');
  await tick();
  await store.join(await current(), batchIdOf(2));
  poller = createPoller(deps);
  await tick();
  const [first, second] = publisher.published;
  expect(publisher.published).toHaveLength(2);
  expect(second).toEqual(first);
});

test('after a minute the published entry of a pending one is removed by an extra write', async () => {
  await put(anAcceptedActivation());
  api.show('Pending');
  await tick(61_000);
  expect((await current()).outbox).toEqual([]);
  await tick();
  expect(typesPublished()).toEqual([SUBMITTED]);
});

test('removes only the stored entries; the next tick publishes the rest', async () => {
  await put(anAcceptedActivation());
  api.show('Active');
  publisher.refuse = ({ type }) => type.includes('completed');
  await tick();
  const dueAt = expect.any(Number);
  expect(await current()).toMatchObject({ status: 'completed', outbox: ['completed#1'], dueAt });
  publisher.refuse = () => false;
  await tick();
  expect((await current()).outbox).toEqual([]);
  expect(typesPublished()).toEqual([SUBMITTED, COMPLETED]);
});

describe('an entry that the bus or the queue refuses permanently', () => {
  test('is retried with growing delays up to one hour, by every container', async () => {
    publisher.refuseForGood = () => true;
    await put(aFailedActivation('not-found'));
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
    for (const flowLogId of [...numberedIds(500), 'fl-good']) {
      await put(aFailedActivation('not-found', { flowLogId }));
    }
    await tick();
    expect(publisher.published).toHaveLength(1);
    const codes = ['InvalidArgument', 'InvalidMessageContents'];
    expect(notPublished()).toMatchObject([{ level: 'error', fields: { refused: 1_001, codes } }]);
    expect(metrics.counts.get('RefusedMessages')).toBe(1_001);
    await tick(1_000);
    expect(notPublished()).toHaveLength(1);
  });

  test('delays no other event of the flow log, nor its DescribeFlowLogs call', async () => {
    publisher.refuseForGood = ({ type }) => type.includes('submitted');
    await put(anAcceptedActivation());
    api.show('Pending');
    await tick();
    const refused = { entries: ['submitted#1'], times: 1 };
    expect(await current()).toMatchObject({ status: 'pending', refused });
    api.show('Active');
    await tick(1_000);
    expect(typesPublished()).toEqual([COMPLETED]);
    const left = await current();
    expect(left).toMatchObject({ status: 'completed', outbox: ['submitted#1'] });
    expect(left.dueAt).toBe(left.refused?.retryAt);

    publisher.refuseForGood = () => false;
    await tick(3_600_000);
    expect(typesPublished()).toContain(SUBMITTED);
    expect((await current()).dueAt).toBeUndefined();
  });
});

test('an unavailable bus is retried in each tick, with one log line', async () => {
  deadLetters.broken = true;
  publisher.refuse = () => true;
  for (const flowLogId of numberedIds(20)) await put(aFailedActivation('not-found', { flowLogId }));
  await ticks(2);
  const fields = { refused: 0, unavailable: 40, cause: 'queue down' };
  expect(notPublished()).toMatchObject([{ fields }, { fields }]);
  expect(metrics.counts.has('RefusedMessages')).toBe(false);
});

test('a record that cannot be written does not stop the others of its page', async () => {
  beforeCall(store, 'transition', ({ flowLogId }) => {
    if (flowLogId === 'fl-bad') throw new Error('item too large');
  });
  await put(aFailedActivation('not-found', { flowLogId: 'fl-bad' }));
  await put(aFailedActivation('not-found', { flowLogId: 'fl-failed' }), anAcceptedActivation());
  api.show('Active');
  await expect(tick()).rejects.toThrow('item too large');
  expect(await current()).toMatchObject({ status: 'completed' });
  expect((await current('fl-failed')).outbox).toEqual([]);
});

test('a failed one: event and dead letter are each removed only after they are stored', async () => {
  await put(aFailedActivation('not-found'));
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
      lastError: NOT_FOUND,
      attempts: 1,
      history: expect.any(Array),
      redriveHelps: true,
    },
  ]);
});

test('the completed event names every joiner', async () => {
  await put(anAcceptedActivation());
  await store.join(await current(), batchIdOf(2));
  api.show('Active');
  await tick();
  const completed = publisher.published.find(({ type }) => type.includes('completed'));
  expect(JSON.parse(completed?.body ?? '{}').data.batchIds).toEqual([batchIdOf(1), batchIdOf(2)]);
});

test('an observation is not lost if a batch joins in between', async () => {
  await put(anAcceptedActivation());
  api.show('Active');
  api.duringDescribe = async () => store.join(await current(), batchIdOf(2));
  await tick();
  expect(await current()).toMatchObject({ status: 'completed', joiners: [batchIdOf(2)] });
});

test('not accepted and observed Inactive: queued again, with a job and the same generation', async () => {
  await put(anUnacceptedActivation());
  api.show('Inactive');
  await tick();
  expect(await current()).toMatchObject({ status: 'queued', generation: 1, attempts: 1 });
  expect(queue.enqueued).toEqual([
    { job: { activationId: anActivation().activationId, generation: 1 }, delayMs: 1_000 },
  ]);
});

test('not accepted and observed Active: completed as adopted', async () => {
  await put(anUnacceptedActivation());
  api.show('Active');
  await tick();
  expect(await current()).toMatchObject({ status: 'completed', adopted: true });
  expect(typesPublished()).toEqual([COMPLETED]);
});

test('absent: waits; absent for a minute: fails as not-found; present in between: starts again', async () => {
  await put(anAcceptedActivation());
  await tick();
  expect(await current()).toMatchObject({ status: 'pending', absentAt: clock.now });
  api.show('Pending');
  await tick();
  expect((await current()).absentAt).toBeUndefined();
  api.views = [];
  await tick();
  await tick(policy.replicaLagMs - 1_000);
  expect((await current()).status).toBe('pending');
  await tick(1_000);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'not-found' });
});

test('requeued jobs get turns per account', async () => {
  const accounts = ['default', 'second'];
  for (const flowLogId of numberedIds(10)) {
    for (const account of accounts) await store.open(anActivation({ account, flowLogId }));
  }
  await tick(policy.requeueAfterMs + 1);
  const delays = Map.groupBy(queue.enqueued, ({ job }) => job.activationId.split('.')[0]);
  // Ten jobs per account: a second of the rate at once, the others later.
  const paced = [0, 0, 0, 0, 799, 799, 799, 1_899, 1_899, 1_899];
  for (const account of accounts) {
    expect(delays.get(account)?.map(({ delayMs }) => delayMs)).toEqual(paced);
  }
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
    { job: { activationId: anActivation().activationId, generation: 1 }, delayMs: 0, isAlone: true },
  ]);
  expect((await current()).dueAt).toBe(clock.now + policy.requeueAfterMs);
  await tick();
  expect(queue.enqueued).toHaveLength(1);
});

test('leased: the poller does nothing, even after dueAt and the deadline', async () => {
  const leased = aLeasedActivation({ dueAt: START });
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
  api.show(status);
  await tick(policy.activationDeadlineMs + policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: final, ...(reason && { reason }) });
  expect(queue.enqueued).toEqual([]);
});

test('does not fail at the deadline without an answer of DescribeFlowLogs', async () => {
  await put(anAcceptedActivation());
  api.describeFailure = callFailure('hold', 'AccessDenied');
  await tick(policy.activationDeadlineMs + policy.pendingDeadlineMs);
  expect((await current()).status).toBe('pending');
});

test('notes that DescribeFlowLogs is refused for an account, and when it is answered again; not for one id of many', async () => {
  await putAccepted(numberedIds(3));
  api.describeFailure = callFailure('hold', 'AccessDenied');
  await tick();
  expect(limiter.refusals).toEqual(['AccessDenied']);
  api.describeFailure = undefined;
  api.refuseIds(['fl-0'], callFailure('hold', 'LackProjectPolicy', 403));
  await tick(60_000);
  expect(new Set(limiter.refusals.slice(1))).toEqual(new Set([undefined]));
});

test('an accepted one that is observed Inactive waits for its pending deadline', async () => {
  await put(anAcceptedActivation());
  api.show('Inactive');
  await tick();
  expect((await current()).status).toBe('pending');
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
});

test('calls have up to 100 ids of one account and region; without a token there is no call', async () => {
  for (const [index, flowLogId] of numberedIds(250).entries()) {
    await put(anAcceptedActivation({ flowLogId, region: index < 120 ? 'cn-beijing' : 'cn-shanghai' }));
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
  await putAccepted(numberedIds(5));
  api.show('Active', numberedIds(5));
  api.refuseIds(['fl-3'], refusedPermanently('invalid-request', 'InvalidParameter'));
  expect(await tick()).toMatchObject({ described: 4, completed: 4, failed: 0 });
  expect((await current('fl-3')).status).toBe('pending');
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  await tick(5 * policy.replicaLagMs);
  expect(await current('fl-3')).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
});

const unknownId = refusedPermanently('not-found', 'InvalidFlowLog.NotFound', 404);
const serverError = callFailure('retry', 'InternalError', 500);
const garbage = callFailure('retry', 'InvalidBody', 200);
const projectRefused = callFailure('hold', 'LackProjectPolicy', 403);

describe('one bad id of a hundred, for which the whole call is refused', () => {
  beforeEach(async () => {
    await putAccepted(numberedIds(100));
    api.show('Active', numberedIds(100));
  });

  test.each([
    ['404 for an unknown id', unknownId],
    ['500', serverError],
    ['an answer that cannot be read', garbage],
    ['403 for an id of another project', projectRefused],
  ])('%s: the others complete in the same tick', async (_what, failure) => {
    api.refuseIds(['fl-77'], failure);
    expect(await tick()).toMatchObject({ completed: 99, failed: 0 });
    expect((await current('fl-77')).status).toBe('pending');
    expect(api.described.length).toBeLessThanOrEqual(17);
  });

  test.each([
    ['the first', 'fl-0', serverError],
    ['the one in the middle', 'fl-50', serverError],
    ['the last', 'fl-99', projectRefused],
    ['one that resets the connection', 'fl-61', callFailure('retry', 'Reset')],
    ['one that is throttled', 'fl-62', callFailure('throttled', 'FlowLimitExceeded', 429)],
    ['one with Retry-After', 'fl-63', { ...callFailure('retry', 'Unavailable', 503), retryAfterMs: 2_000 }],
  ])('%s of them: the others complete within a few ticks', async (_place, bad, failure) => {
    poller = createPoller({ ...deps, random: new SeededRandom(1).next });
    api.refuseIds([bad], failure);
    await ticks(4, 60_000);
    expect(idsOf('completed')).toHaveLength(99);
  });

  test('starts no call at the end of the invocation, and the next one continues there', async () => {
    api.refuseIds(['fl-77'], unknownId);
    const begunAt: number[] = [];
    api.duringDescribe = () => {
      begunAt.push(clock.now);
      clock.now += 1_000;
    };
    clock.now += policy.tickMs;
    const stopAt = clock.now + 4_500;
    await poller.tick(stopAt);
    expect(begunAt.filter((at) => at >= stopAt)).toEqual([]);
    await tick();
    expect(idsOf('completed')).toHaveLength(99);
    expect(begunAt.length).toBeLessThanOrEqual(16);
  });

  test('is described alone from then on, with growing pauses up to 30 seconds', async () => {
    api.refuseIds(['fl-7'], serverError);
    await tick();
    const callsIn = async (count: number) => {
      const earlier = api.described.length;
      await ticks(count, 5_000);
      return api.described.length - earlier;
    };
    // After 5, 10, 20, then each 30 seconds.
    expect(await callsIn(7)).toBe(3);
    expect(await callsIn(12)).toBe(2);
  });

  test('an unknown id fails as not-found after a minute', async () => {
    api.refuseIds(['fl-7'], unknownId);
    await tick();
    await tick(policy.replicaLagMs);
    expect(await current('fl-7')).toMatchObject({ status: 'failed', reason: 'not-found' });
  });

  test('ten bad ids do not hide the other ninety for long', async () => {
    const refused = Array.from({ length: 10 }, (_, index) => `fl-${index * 9}`);
    api.refuseIds(refused, unknownId);
    await ticks(12);
    const good = numberedIds(100).filter((id) => !refused.includes(id));
    expect(idsOf('completed')).toEqual(expect.arrayContaining(good));
  });
});

test.each([1, 2, 3, 4, 5])(
  'most calls fail at random (seed %d): a flow log that is Active before the deadline completes',
  async (seed) => {
    const random = new SeededRandom(seed);
    deps.policy = { ...policy, tickMs: 500, replicaLagMs: 5_000, pendingDeadlineMs: 15_000 };
    poller = createPoller(deps);
    const ids = numberedIds(40);
    for (const flowLogId of ids) {
      await put({ ...anAcceptedActivation({ flowLogId }), pendingDeadlineAt: START + 15_000 });
    }
    api.duringDescribe = () => {
      clock.now += 100;
    };
    api.describeFailureOf = () => (random.chance(0.6) ? random.pick([serverError, garbage]) : undefined);
    for (let round = 0; round < 200; round += 1) {
      api.show(clock.now < START + 8_000 ? 'Pending' : 'Active', ids);
      await tick(500);
    }
    expect(idsOf('completed')).toEqual(ids);
  },
);

describe('when a token takes longer than a tick', () => {
  const tickMs = 500;
  let slow: PollerDeps['limiter'];
  beforeEach(() => {
    slow = inMemoryQuota({ ratePerSecond: 0.8, now: deps.now, sleep: deps.sleep });
    poller = createPoller({ ...deps, limiter: slow, policy: { ...policy, tickMs } });
  });

  test('a tick continues with the refused group of the tick before', async () => {
    await putAccepted(numberedIds(12));
    api.show('Active', numberedIds(12));
    api.refuseIds(['fl-5'], unknownId);
    await ticks(30, tickMs);
    expect(idsOf('completed')).toHaveLength(11);
    expect(api.described.length).toBeLessThan(12);
  });

  test('a refused group is halved although each tick has a new activation', async () => {
    await putAccepted(numberedIds(12));
    api.show('Active', numberedIds(12));
    api.refuseIds(['fl-5'], unknownId);
    for (let round = 0; round < 40; round += 1) {
      const flowLogId = `fl-new-${round}`;
      api.show('Pending', [flowLogId]);
      await put({ ...anAcceptedActivation({ flowLogId }), pendingAt: clock.now });
      await tick(tickMs);
    }
    expect(idsOf('completed')).toHaveLength(11);
  });

  test('an id for which Volcengine fails is isolated all the same', async () => {
    await putAccepted(numberedIds(9));
    api.show('Pending', numberedIds(9));
    // The first burst is used up.
    await ticks(10, tickMs);
    api.show('Active', numberedIds(9));
    api.refuseIds(['fl-3'], serverError);
    await ticks(60, tickMs);
    expect(idsOf('completed')).toHaveLength(8);
  });

  test('after throttling, the rate recovers while calls are refused', async () => {
    await putAccepted(numberedIds(8));
    api.show('Active', numberedIds(8));
    api.refuseIds(['fl-5'], unknownId);
    for (let round = 0; round < 6; round += 1) {
      clock.now += 2_000;
      await slow.throttled('default');
    }
    await ticks(1_200, tickMs);
    expect(idsOf('completed')).toHaveLength(7);
  });

  test('a refused one fails after its deadline', async () => {
    await putAccepted(['fl-1', 'fl-2', 'fl-3']);
    api.show('Active', ['fl-1', 'fl-2']);
    api.refuseIds(['fl-3'], refusedPermanently('invalid-request', 'InvalidFlowLog.NotFound', 404));
    await ticks(20, tickMs);
    clock.now = START + policy.pendingDeadlineMs + policy.replicaLagMs;
    await ticks((6 * policy.replicaLagMs) / tickMs, tickMs);
    expect(await current('fl-3')).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
  });

  test('the regions of an account take turns', async () => {
    for (let index = 0; index < 9; index += 1)
      await put(anAcceptedActivation({ region: `cn-region-${index}` }));
    api.show('Pending');
    await ticks(40, tickMs);
    const asked = api.describedScopes.map(({ region }) => region);
    expect(new Set(asked.slice(0, 9)).size).toBe(9);
    expect(new Set(asked.slice(-9)).size).toBe(9);
  });
});

test.each([
  ['garbage', garbage],
  ['5xx', serverError],
  ['no connection', callFailure('retry', 'ConnectTimeout')],
  ['throttled', callFailure('throttled', 'FlowLimitExceeded')],
])('%s permanently: fails after the deadline, with a metric and an error log', async (_what, failure) => {
  await put(anAcceptedActivation());
  api.describeFailure = failure;
  await tick(policy.pendingDeadlineMs + policy.replicaLagMs);
  expect((await current()).status).toBe('pending');
  await tick(5 * policy.replicaLagMs);
  expect(await current()).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
  expect(metrics.counts.get('UnansweredDeadlines')).toBe(1);
});

test('throttled: slows down and changes nothing', async () => {
  await put(anAcceptedActivation());
  api.describeFailure = callFailure('throttled', 'FlowLimitExceeded');
  await tick();
  expect(limiter.throttles).toBe(1);
  expect(store.writes).toEqual([]);
});

test('a batch that a crash left half open is opened, gets its jobs, and leaves the index when all are final', async () => {
  deps.newBatchId = () => batchIdOf(1);
  const recover = beforeCall(store, 'open', ({ flowLogId }) => {
    if (flowLogId === 'fl-2') throw new Error('crash');
  });
  await expect(requestActivations(deps, aRequest(['fl-1', 'fl-2']))).rejects.toThrow('crash');
  recover();
  queue.enqueued.length = 0;

  await tick(60_000);
  expect((await current('fl-2')).batchId).toBe(batchIdOf(1));
  expect(queue.enqueued.map(({ job }) => job.activationId)).toEqual([
    `default.cn-beijing.fl-2.${batchIdOf(1)}`,
  ]);
  // fl-1 has a call before it.
  const callMs = 1_000 / policy.ratePerSecond;
  expect((await store.readBatch(batchIdOf(1)))?.dueAt).toBe(clock.now + 60_000 + callMs);

  for (const flowLogId of ['fl-1', 'fl-2']) {
    await store.change(flowLogId, (open) => complete(open, true, clock.now));
  }
  await tick(60_000);
  expect((await store.readBatch(batchIdOf(1)))?.dueAt).toBeUndefined();
});

test('two pollers at once publish each event with one id, and end in the same state', async () => {
  await put(anAcceptedActivation());
  api.show('Active');
  clock.now += policy.tickMs;
  const other = createPoller(deps);
  await Promise.all([poller.tick(clock.now + 60_000), other.tick(clock.now + 60_000)]);
  await tick();
  expect(new Set(publisher.published.map(({ id, body }) => `${id} ${body}`)).size).toBe(2);
  expect(await current()).toMatchObject({ status: 'completed', outbox: [] });
});

test('a failure does not stop the other work, and is thrown at the end', async () => {
  await put(aFailedActivation('not-found'), anAcceptedActivation({ flowLogId: 'fl-2' }));
  await put(anActivation({ flowLogId: 'fl-3', dueAt: START }));
  api.show('Active', ['fl-2']);
  beforeCall(store, 'transition', ({ flowLogId }) => {
    if (flowLogId === 'fl-3') throw new Error('table down');
  });
  await expect(tick()).rejects.toThrow('table down');
  expect(typesPublished()).toEqual(expect.arrayContaining(['flow-log-activation.failed.v1', COMPLETED]));
});

test('an unreadable shard does not stop the shards after it, and its error is thrown at the end', async () => {
  await put(anAcceptedActivation());
  api.show('Active');
  const { due } = store;
  store.due = async function* (period, pageRotation) {
    yield { activations: [], batches: [], operations: [], failure: new Error('throttled') };
    yield* due.call(store, period, pageRotation);
  };
  await expect(tick()).rejects.toThrow('throttled');
  expect(await current()).toMatchObject({ status: 'completed', outbox: [] });
  expect(log.lines.map(({ message }) => message)).toContain('reading due items failed');
});

test('an account with refused permissions is described again a minute later, and delays no other', async () => {
  await put(anAcceptedActivation(), anAcceptedActivation({ flowLogId: 'fl-2', account: 'other' }));
  api.show('Active', ['fl-1', 'fl-2']);
  api.refuseIds(['fl-1'], callFailure('hold', 'AccessDenied'));
  const refused = () => api.describedScopes.filter(({ account }) => account === 'default');
  expect(await tick()).toMatchObject({ completed: 1 });
  await ticks(2);
  expect(refused()).toHaveLength(1);
  await tick(60_000);
  expect(refused()).toHaveLength(2);
});

test('if everything is refused, each group costs two calls', async () => {
  await putAccepted(numberedIds(100));
  api.describeFailure = refusedPermanently('unexpected', 'Odd', 418);
  await tick();
  expect(api.described).toHaveLength(2);
});

test('a tick that is too short for all starts with those that waited longest', async () => {
  await putAccepted(numberedIds(250));
  api.duringDescribe = () => {
    clock.now += policy.tickMs;
  };
  await ticks(3);
  expect(new Set(api.described.flat()).size).toBe(250);
});

describe('how often the activations of an account are described', () => {
  const describedIn = async (seconds: number) => {
    api.described.length = 0;
    const pauses: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      clock.now += 1_000;
      pauses.push((await poller.tick(clock.now + 50_000)).pauseMs);
    }
    return { calls: api.described.length, pauses: new Set(pauses) };
  };

  test('few of them, while the account has nothing else to call for: each second', async () => {
    await putAccepted(numberedIds(80));
    api.show('Pending', numberedIds(80));
    expect(await describedIn(10)).toEqual({ calls: 10, pauses: new Set([1_000]) });
  });

  test('many of them: each tick', async () => {
    await putAccepted(numberedIds(81));
    api.show('Pending', numberedIds(81));
    expect(await describedIn(10)).toEqual({ calls: 2, pauses: new Set([5_000]) });
  });

  test('so many that their calls take seconds: each tick', async () => {
    await putAccepted(numberedIds(250));
    api.show('Pending', numberedIds(250));
    api.duringDescribe = () => {
      clock.now += 1_000;
    };
    for (const beganAt of [START, START + 5_000, START + 10_000]) {
      clock.now = beganAt;
      await poller.tick(beganAt + 50_000);
    }
    expect(api.described).toHaveLength(9);
  });

  test('few of them, while jobs of the account wait for their turns: each tick', async () => {
    await putAccepted(numberedIds(3));
    api.show('Pending', numberedIds(3));
    await deps.turns.planTurns('default', 100);
    expect(await describedIn(10)).toEqual({ calls: 2, pauses: new Set([5_000]) });
  });

  test('an account whose quota is too small for it: no more than half of the quota', async () => {
    poller = createPoller({ ...deps, policy: { ...policy, ratePerSecond: 1 } });
    await putAccepted(numberedIds(3));
    api.show('Pending', numberedIds(3));
    expect(await describedIn(10)).toEqual({ calls: 5, pauses: new Set([2_000]) });
  });

  test('a busy account slows no other', async () => {
    await putAccepted(numberedIds(2));
    await put(anAcceptedActivation({ account: 'second', flowLogId: 'fl-9' }));
    api.show('Pending', [...numberedIds(2), 'fl-9']);
    await deps.turns.planTurns('default', 100);
    expect(await describedIn(10)).toEqual({ calls: 12, pauses: new Set([1_000]) });
  });
});
