import { beforeEach, expect, test } from 'vitest';
import { activateFlowLog } from '../../../lib/activation/activate-flow-log.ts';
import { CLOCK_DIFFERENCE_MS } from '../../../lib/activation/model/activation.ts';
import { clientTokenOf } from '../../../lib/activation/model/ids.ts';
import type { ActivateOutcome } from '../../../lib/activation/model/outcome.ts';
import { accept } from '../../../lib/activation/model/transitions.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../support/fakes/activations.ts';
import { beforeCall, sendTwice } from '../../support/fakes/before-call.ts';

const error = { code: 'SomeCode', message: 'as it was said', httpStatus: 400, requestId: 'req-e' };

let deps = inMemoryDeps();
let { clock, store, queue, api, limiter, metrics } = deps;
const activation = anActivation();
const job = { activationId: activation.activationId, generation: 1 };

beforeEach(async () => {
  deps = inMemoryDeps();
  ({ clock, store, queue, api, limiter, metrics } = deps);
  await store.open(activation);
});

const work = () => activateFlowLog(deps, job, 1_000);
const current = () => store.currentOf('fl-1');

test('accepted: makes one call with the derived token, then is pending with the submitted event in its outbox', async () => {
  expect(await work()).toBe('accepted');
  expect(api.calls).toEqual([{ flowLogId: 'fl-1', clientToken: clientTokenOf(job.activationId, 1) }]);
  expect(await current()).toMatchObject({
    status: 'pending',
    accepted: true,
    requestId: 'req-1',
    attempts: 1,
    pendingAt: START,
    pendingDeadlineAt: START + policy.pendingDeadlineMs,
    dueAt: START,
    outbox: ['submitted#1'],
  });
  expect(store.writes).toEqual(['open', 'transition', 'recordOutcome']);
  expect(queue.enqueued).toEqual([]);
});

const retries: [ActivateOutcome, number][] = [
  [{ kind: 'retry', error }, 1_000],
  [{ kind: 'retry', error, soon: true }, 1_000],
  [{ kind: 'retry', error, retryAfterMs: 7_000 }, 7_000],
  [{ kind: 'throttled', error, retryAfterMs: 9_999_999 }, 900_000],
  [{ kind: 'throttled', error }, 1_000],
  [{ kind: 'hold', error }, 300_000],
];

test.each(retries)('%j: stays queued, with a delayed job and a later dueAt', async (outcome, delayMs) => {
  api.outcomes = [outcome];
  expect(await work()).toBe(outcome.kind);
  expect(await current()).toMatchObject({
    status: 'queued',
    attempts: 1,
    lastError: error,
    outbox: [],
    dueAt: START + delayMs + policy.requeueAfterMs,
  });
  expect((await current()).leaseUntil).toBeUndefined();
  expect(queue.enqueued).toEqual([{ job, delayMs }]);
  expect(limiter.throttles).toBe(outcome.kind === 'throttled' ? 1 : 0);
  expect(metrics.counts.get('HeldActivations')).toBe(outcome.kind === 'hold' ? 1 : undefined);
});

test('verify: is pending and not accepted, with an empty outbox', async () => {
  api.outcomes = [{ kind: 'verify', error }];
  expect(await work()).toBe('verify');
  expect(await current()).toMatchObject({ status: 'pending', accepted: false, outbox: [], dueAt: START });
});

test('refused permanently: fails, with the event and the dead letter in its outbox', async () => {
  api.outcomes = [{ kind: 'dead-letter', reason: 'not-found', error }];
  expect(await work()).toBe('dead-letter');
  expect(await current()).toMatchObject({
    status: 'failed',
    reason: 'not-found',
    lastError: error,
    finishedAt: START,
    outbox: ['failed#1', 'dead-letter#1'],
    dueAt: START,
  });
});

test('every retry of a generation sends the same token', async () => {
  api.outcomes = [
    { kind: 'retry', error },
    { kind: 'retry', error },
    { kind: 'accepted', requestId: 'r' },
  ];
  await work();
  await work();
  await work();
  expect(new Set(api.calls.map(({ clientToken }) => clientToken)).size).toBe(1);
  expect((await current()).attempts).toBe(3);
});

test('a duplicate job makes no second call, even during the first call', async () => {
  api.duringCall = async () => {
    api.duringCall = async () => {};
    expect(await work()).toBe('ignored');
  };
  expect(await work()).toBe('accepted');
  expect(await work()).toBe('ignored');
  expect(api.calls).toHaveLength(1);
});

test.each([
  ['of another generation', { ...job, generation: 2 }],
  ['of another activation', { ...job, activationId: `default.cn-beijing.fl-1.${batchIdOf(9)}` }],
  ['of nothing', { ...job, activationId: 'nonsense' }],
])('a job %s is ignored, and its token is released', async (_what, other) => {
  limiter.tokens = 1;
  expect(await activateFlowLog(deps, other, 0)).toBe('ignored');
  expect(limiter.tokens).toBe(1);
  expect(api.calls).toEqual([]);
});

test('without a token: enqueues a delayed job, makes no call and counts no attempt', async () => {
  limiter.tokens = 0;
  const before = await current();
  expect(await work()).toBe('requeued');
  expect(await current()).toEqual(before);
  expect(api.calls).toEqual([]);
  expect(queue.enqueued).toEqual([{ job, delayMs: 1_000 }]);
});

test('without a token: the job comes again at its next turn, and never sooner than after a second', async () => {
  limiter.tokens = 0;
  for (const nextTurnMs of [1, 1_000, 7_654]) {
    limiter.nextTurnMs = nextTurnMs;
    await work();
  }
  expect(queue.enqueued.map(({ delayMs }) => delayMs)).toEqual([1_000, 1_000, 7_654]);
});

test('without a token until after its dueAt: moves dueAt before it enqueues the job', async () => {
  limiter.tokens = 0;
  limiter.nextTurnMs = policy.requeueAfterMs + 1_000;
  const { version } = await current();
  expect(await work()).toBe('requeued');
  const [{ delayMs } = { delayMs: 0 }] = queue.enqueued;
  expect(delayMs).toBeGreaterThan(policy.requeueAfterMs);
  expect(await current()).toMatchObject({
    dueAt: clock.now + delayMs + policy.requeueAfterMs,
    version: version + 1,
  });
});

test('without a token until after its dueAt, while a batch joins: both are kept, and the job is enqueued', async () => {
  limiter.tokens = 0;
  limiter.nextTurnMs = policy.requeueAfterMs + 1_000;
  const stopJoining = beforeCall(store, 'transition', async () => {
    stopJoining();
    await store.join(await current(), batchIdOf(2));
  });
  expect(await work()).toBe('requeued');
  expect(queue.enqueued).toEqual([{ job, delayMs: limiter.nextTurnMs }]);
  const dueAt = clock.now + limiter.nextTurnMs + policy.requeueAfterMs;
  expect(await current()).toMatchObject({ joiners: [batchIdOf(2)], dueAt });
});

test('throttled: the outcome is recorded before the account is slowed down', async () => {
  api.outcomes = [{ kind: 'throttled', error }];
  const attemptsThen: number[] = [];
  limiter.throttled = async () => {
    attemptsThen.push((await current()).attempts);
    expect((await current()).leaseUntil).toBeUndefined();
  };
  expect(await work()).toBe('throttled');
  expect(attemptsThen).toEqual([1]);
});

test('before its turn, which is later than SQS can delay: the job is requeued, without a token', async () => {
  const planned = { ...job, turnAt: clock.now + 1_200_000 };
  limiter.tokens = 0;
  expect(await activateFlowLog(deps, planned, 0)).toBe('requeued');
  clock.now += 900_000;
  expect(await activateFlowLog(deps, planned, 0)).toBe('requeued');
  expect(queue.enqueued).toEqual([
    { job: planned, delayMs: 1_200_000 },
    { job, delayMs: 300_000 },
  ]);
  limiter.tokens = 1;
  clock.now += 299_500;
  expect(await activateFlowLog(deps, planned, 0)).toBe('accepted');
});

test('without a token, for an activation in another state: the job is not requeued', async () => {
  limiter.tokens = 0;
  await store.change('fl-1', (queued) => accept(queued, 'req-1', clock.now, policy));
  expect(await work()).toBe('ignored');
  expect(queue.enqueued).toEqual([]);
});

test('past its deadline: makes no call, because the poller describes the flow log before it fails the activation', async () => {
  clock.now = START + policy.activationDeadlineMs;
  expect(await work()).toBe('ignored');
  expect(api.calls).toEqual([]);
});

test('after a worker crash and the end of its lease, the next job calls again with the next attempt', async () => {
  api.duringCall = () => Promise.reject(new Error('the container died'));
  await expect(work()).rejects.toThrow('the container died');
  api.duringCall = async () => {};
  expect(await work()).toBe('ignored');
  clock.now += policy.leaseMs + CLOCK_DIFFERENCE_MS + 1;
  expect(await work()).toBe('accepted');
  expect((await current()).attempts).toBe(2);
});

test('an outcome is discarded if another worker has taken the lease over', async () => {
  api.duringCall = async () => {
    api.duringCall = async () => {};
    clock.now += policy.leaseMs + CLOCK_DIFFERENCE_MS + 1;
    expect(await work()).toBe('accepted');
    api.outcomes = [{ kind: 'dead-letter', reason: 'not-found', error }];
  };
  expect(await work()).toBe('lease-expired');
  expect(await current()).toMatchObject({ status: 'pending', attempts: 2 });
});

test('a batch that joins during the call is kept, and only the final event names it', async () => {
  api.duringCall = async () => {
    await store.join(await current(), batchIdOf(2));
  };
  expect(await work()).toBe('accepted');
  expect(await current()).toMatchObject({ joiners: [batchIdOf(2)], submittedJoiners: 0 });
});

test('makes no call if the lease ends too soon', async () => {
  api.now = () => clock.now;
  beforeCall(store, 'transition', () => {
    clock.now += policy.leaseMs - policy.callTimeoutMs + 1;
  });
  expect(await work()).toBe('not-sent');
  expect(api.calls).toEqual([]);
});

test('a worker recognises and uses its lease if the response to the write was lost', async () => {
  sendTwice(store, 'transition');
  expect(await work()).toBe('accepted');
  expect((await current()).attempts).toBe(1);
});

test('without credentials: makes no call, is on hold, and counts neither attempt nor call', async () => {
  api.outcomes = [{ kind: 'hold', error: { code: 'CredentialsUnavailable', message: 'none' }, unsent: true }];
  expect(await work()).toBe('hold');
  const fields = {
    activationId: job.activationId,
    flowLogId: 'fl-1',
    attempts: 0,
    outcome: 'hold',
    cause: 'none',
  };
  expect(deps.log.lines).toMatchObject([{ level: 'warn', message: 'activation on hold', fields }]);
  expect(await current()).toMatchObject({ status: 'queued', attempts: 0 });
  expect(metrics.counts.get('ActiveFlowLogCalls')).toBeUndefined();
  expect(metrics.counts.get('HeldActivations')).toBe(1);
});

test('the history keeps the latest entries after many calls', async () => {
  api.outcomes = [{ kind: 'retry', error }];
  for (let call = 0; call < 30; call += 1) await work();
  const { history, attempts } = await current();
  expect(attempts).toBe(30);
  expect(history).toHaveLength(20);
  expect(history.at(-1)?.attempt).toBe(30);
});
