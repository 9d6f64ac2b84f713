import { beforeEach, describe, expect, test } from 'vitest';
import {
  DescribeFailed,
  NotFound,
  NotRedrivable,
  OutboxPending,
} from '../../../../lib/activation/model/errors.ts';
import { clientTokenOf } from '../../../../lib/activation/model/ids.ts';
import type { FailureReason } from '../../../../lib/activation/model/outcome.ts';
import { redriveActivation } from '../../../../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../../../../lib/activation/redrive/redrive-failed.ts';
import { redriveFromDeadLetter } from '../../../../lib/activation/redrive/redrive-from-dead-letter.ts';
import {
  aCompletedActivation,
  aFailedActivation,
  anAcceptedActivation,
  numberedIds,
  published,
} from '../../../support/builders/activations.ts';
import { callFailure, refusedPermanently } from '../../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';
import { sendTwice } from '../../../support/fakes/before-call.ts';

let deps = inMemoryDeps();
let { store, queue, api, limiter } = deps;
const now = START + 60_000;
const { activationId } = anActivation();

beforeEach(() => {
  deps = inMemoryDeps();
  ({ store, queue, api, limiter } = deps);
  deps.clock.now = now;
  api.show('Inactive');
});

const failed = (reason: FailureReason = 'frozen', change: Parameters<typeof anActivation>[0] = {}) =>
  published(aFailedActivation(reason, change));
const current = (flowLogId = 'fl-1') => store.currentOf(flowLogId);
const redrive = (expectedGeneration?: number) =>
  redriveActivation(deps, activationId, 'someone', expectedGeneration);
const redriveAll = (change: Partial<Parameters<typeof redriveFailed>[1]> = {}) =>
  redriveFailed(deps, { limit: 1_000, by: 'someone', ...change });

describe('one activation', () => {
  test('is queued again: next generation, new counts, deadlines and token, with a job', async () => {
    await store.open(failed('frozen', { joiners: [batchIdOf(2)] }));
    expect(await redrive()).toMatchObject({ kind: 'queued' });
    const reopened = await current();
    expect(reopened).toMatchObject({
      status: 'queued',
      generation: 2,
      attempts: 0,
      queuedAt: now,
      deadlineAt: now + policy.activationDeadlineMs,
      joiners: [batchIdOf(2)],
      outbox: [],
    });
    for (const gone of ['reason', 'lastError', 'finishedAt', 'pendingAt', 'requestId']) {
      expect(reopened).not.toHaveProperty(gone);
    }
    expect(queue.enqueued).toEqual([{ job: { activationId, generation: 2 }, delayMs: 0 }]);
    expect(clientTokenOf(activationId, 2)).not.toBe(clientTokenOf(activationId, 1));
  });

  test('is adopted if the flow log is Active already', async () => {
    await store.open(failed());
    api.show('Active');
    expect(await redrive()).toMatchObject({ kind: 'adopted' });
    expect(await current()).toMatchObject({ status: 'completed', adopted: true, outbox: ['completed#2'] });
    expect(queue.enqueued).toEqual([]);
  });

  test('with an expected generation: redrives once, and returns the current activation after that', async () => {
    await store.open(failed());
    expect(await redrive(1)).toMatchObject({ kind: 'queued' });
    expect(await redrive(1)).toMatchObject({ kind: 'past', activation: { generation: 2 } });
    expect(queue.enqueued).toHaveLength(1);
    await expect(redrive(3)).rejects.toThrow(NotRedrivable);
  });

  test.each([
    ['still frozen', 'Inactive', true, /still frozen/],
    ['being deleted', 'Deleting', false, /being deleted/],
  ])('%s: refused with the reason', async (_what, status, locked, why) => {
    await store.open(failed());
    api.show(status, ['fl-1'], { locked });
    await expect(redrive()).rejects.toThrow(NotRedrivable);
    await expect(redrive()).rejects.toThrow(why);
    expect((await current()).generation).toBe(1);
  });

  test('being restored after a payment: redriven', async () => {
    await store.open(failed());
    api.show('Inactive', ['fl-1'], { restoring: true });
    expect(await redrive()).toMatchObject({ kind: 'queued' });
  });

  test('still absent: refused', async () => {
    await store.open(failed('not-found'));
    api.views = [];
    await expect(redrive()).rejects.toThrow(/does not show/);
  });

  test.each([
    ['queued', anActivation(), NotRedrivable],
    ['pending', anAcceptedActivation(), NotRedrivable],
    ['completed', published(aCompletedActivation()), NotRedrivable],
    ['failed for a reason that a redrive cannot help', failed('invalid-request'), NotRedrivable],
    ['failed, and not published yet', aFailedActivation('frozen'), OutboxPending],
  ])('%s: refused without a DescribeFlowLogs call', async (_what, activation, refusal) => {
    await store.open(activation);
    await expect(redrive()).rejects.toThrow(refusal);
    expect(api.described).toEqual([]);
  });

  test('an archived or unknown activation is refused', async () => {
    await store.open(failed());
    await store.replace(failed(), anActivation({ batchId: batchIdOf(2) }));
    await expect(redrive()).rejects.toThrow(/later activation/);
    await expect(redriveActivation(deps, 'nonsense', 'someone')).rejects.toThrow(NotFound);
  });

  test('a throttled DescribeFlowLogs call fails with its Retry-After, and slows down', async () => {
    await store.open(failed());
    api.describeFailure = { ...callFailure('throttled', 'FlowLimitExceeded'), retryAfterMs: 7_200 };
    const refusal = await redrive().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DescribeFailed);
    expect(refusal).toMatchObject({ retryAfterSeconds: 8 });
    expect(limiter.throttles).toBe(1);
    limiter.tokens = 0;
    await expect(redrive()).rejects.toMatchObject({ retryAfterSeconds: 3 });
  });

  test.each([[undefined], [1]])(
    'recognises its own write if the response was lost, with expected generation %s',
    async (expected) => {
      await store.open(failed());
      sendTwice(store, 'transition');
      expect(await redrive(expected)).toMatchObject({ kind: 'queued', activation: { generation: 2 } });
      expect(queue.enqueued).toHaveLength(1);
    },
  );

  test('two redrives at once make one generation', async () => {
    await store.open(failed());
    let time = now;
    deps.now = () => ++time;
    await Promise.all([redrive(1), redrive(1)]);
    expect(await current()).toMatchObject({ generation: 2 });
    expect(queue.enqueued).toHaveLength(1);
  });
});

describe('a dead letter that was moved back', () => {
  const deadLetter = { activationId, generation: 1 };

  test('opens exactly its next generation, once', async () => {
    await store.open(failed('invalid-request'));
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('queued');
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('ignored');
    expect(await current()).toMatchObject({ status: 'queued', generation: 2 });
    expect(queue.enqueued).toEqual([{ job: { activationId, generation: 2 }, delayMs: 0 }]);
    expect(api.described).toEqual([]);
  });

  test('waits until its failure is published', async () => {
    await store.open(aFailedActivation('frozen'));
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('deferred');
    expect(queue.enqueued).toEqual([{ job: { ...deadLetter, redrive: true }, delayMs: policy.tickMs }]);
    expect((await current()).generation).toBe(1);
  });

  test.each([
    ['a minute', 60_000, 60_000],
    ['an hour: as long as a message can', 3_600_000, 900_000],
    ['no time', -1_000, policy.tickMs],
  ])('waits until the next try of the bus: %s', async (_what, retryInMs, delayMs) => {
    const one = aFailedActivation('frozen');
    const refused = { entries: one.outbox, times: 7, retryAt: now + retryInMs };
    await store.open({ ...one, refused });
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('deferred');
    expect(queue.enqueued).toEqual([{ job: { ...deadLetter, redrive: true }, delayMs }]);
  });

  test.each([
    ['of another generation', { ...deadLetter, generation: 2 }],
    ['of another activation', { ...deadLetter, activationId: `default.cn-beijing.fl-1.${batchIdOf(9)}` }],
  ])('%s is ignored', async (_what, other) => {
    await store.open(failed());
    expect(await redriveFromDeadLetter(deps, other)).toBe('ignored');
    expect((await current()).generation).toBe(1);
  });
});

describe('a bulk redrive', () => {
  test('queues, adopts or refuses each, with one DescribeFlowLogs call for up to 100', async () => {
    for (const [index, flowLogId] of numberedIds(120).entries()) {
      await store.open(failed('frozen', { flowLogId, createdAt: START + index }));
    }
    api.show('Inactive', numberedIds(120));
    api.show('Active', ['fl-0']);
    api.show('Inactive', ['fl-1'], { locked: true });
    await store.open(failed('not-found', { flowLogId: 'fl-other' }));
    await store.open(aFailedActivation('frozen', { flowLogId: 'fl-unpublished' }));
    const refusalOf = (flowLogId: string, why: string) => ({
      activationId: `default.cn-beijing.${flowLogId}.${batchIdOf(1)}`,
      why: expect.stringContaining(why),
    });
    expect(await redriveAll({ reason: 'frozen' })).toEqual({
      queued: 118,
      adopted: 1,
      refused: 2,
      refusals: expect.arrayContaining([
        refusalOf('fl-1', 'still frozen'),
        refusalOf('fl-unpublished', 'published'),
      ]),
      more: false,
    });
    expect(api.described).toHaveLength(2);
    expect((await current('fl-other')).status).toBe('failed');
  });

  test('stops at the limit, reports that there is more, and continues when repeated', async () => {
    for (const [index, flowLogId] of numberedIds(5).entries()) {
      await store.open(failed('frozen', { flowLogId, createdAt: START + index }));
    }
    api.show('Inactive', numberedIds(4));
    api.show('Inactive', ['fl-4'], { locked: true });
    const first = await redriveAll({ limit: 2 });
    expect(first).toMatchObject({ more: true });
    let queued = first.queued;
    for (let round = 0; round < 3; round += 1) queued += (await redriveAll({ limit: 2 })).queued;
    expect(queued).toBe(4);
    expect(await redriveAll({ limit: 2 })).toMatchObject({ queued: 0, refused: 1, more: false });
  });

  const putFailed = async (flowLogIds: string[], change: Parameters<typeof failed>[1] = {}) => {
    for (const flowLogId of flowLogIds) await store.open(failed('frozen', { flowLogId, ...change }));
    api.show('Inactive', flowLogIds);
  };

  test.each([
    ['a key is revoked', callFailure('hold', 'InvalidAccessKey', 401)],
    ['an account is unknown here', { ...callFailure('hold', 'None'), unsent: true as const }],
    ['an account is throttled', callFailure('throttled', 'Throttling')],
    ['an account gives garbage', callFailure('retry', 'InvalidBody', 200)],
  ])('%s: redrives the others, and names the refused ones', async (_what, failure) => {
    await putFailed(['fl-1', 'fl-2'], { account: 'bad' });
    await putFailed(['fl-3'], { account: 'good' });
    api.describeFailureOf = (_ids, { account }) => (account === 'bad' ? failure : undefined);
    const result = await redriveAll();
    expect(result).toMatchObject({ queued: 1, refused: 2, more: true });
    const bad = ['fl-1', 'fl-2'].map((flowLogId) => `bad.cn-beijing.${flowLogId}.${batchIdOf(1)}`);
    expect(result.refusals.map((refusal) => refusal.activationId).sort()).toEqual(bad);
    expect(result.refusals[0]?.why).toContain(failure.error.code);
  });

  test('one id for which the whole call is refused hides no other', async () => {
    await putFailed(numberedIds(100));
    api.refuseIds(['fl-42'], refusedPermanently('invalid-request', 'InvalidFlowLogId.Malformed'));
    expect(await redriveAll()).toMatchObject({
      queued: 99,
      refused: 1,
      refusals: [{ why: expect.stringContaining('InvalidFlowLogId.Malformed') }],
      more: false,
    });
  });

  test.each(['fl-0', 'fl-9'])('an id for which DescribeFlowLogs fails hides no other: %s', async (bad) => {
    await putFailed(numberedIds(10));
    api.refuseIds([bad], callFailure('retry', 'InternalError', 500));
    expect(await redriveAll()).toMatchObject({ queued: 9, refused: 1 });
  });

  test('reports that there is more if some could not be described', async () => {
    await putFailed(numberedIds(10));
    api.refuseIds(['fl-4'], refusedPermanently('invalid-request', 'InvalidFlowLogId.Malformed'));
    limiter.tokens = 3;
    const first = await redriveAll();
    expect(first).toMatchObject({ more: true });
    expect(first.queued).toBeGreaterThan(0);
    limiter.tokens = 16;
    const second = await redriveAll();
    expect([first.queued + second.queued, second.more]).toEqual([9, false]);
  });

  test('without a reason it skips what a person has cancelled', async () => {
    await store.open(failed('cancelled'));
    await putFailed(['fl-2']);
    expect(await redriveAll()).toMatchObject({ queued: 1, refused: 0 });
    expect(await redriveAll({ reason: 'cancelled' })).toMatchObject({ queued: 1 });
  });

  test('starts no page after its time, and reports that there is more', async () => {
    await putFailed(numberedIds(150));
    expect(await redriveAll({ until: now })).toMatchObject({ queued: 100, more: true });
    expect(await redriveAll({ until: now })).toMatchObject({ queued: 50, more: false });
  });

  test('a region that is no longer enabled is refused, in bulk and alone', async () => {
    await putFailed(['fl-1']);
    deps.scopeRefusal = ({ region }) => `the region ${region} is not enabled`;
    expect(await redriveAll()).toMatchObject({
      queued: 0,
      refusals: [{ activationId, why: expect.stringContaining('cn-beijing is not enabled') }],
    });
    await expect(redrive()).rejects.toThrow(NotRedrivable);
    expect(api.described).toEqual([]);
  });

  test('without any answer of Volcengine it fails, and can be repeated later', async () => {
    await store.open(failed());
    api.describeFailure = callFailure('hold', 'AccessDenied');
    await expect(redriveAll()).rejects.toThrow(DescribeFailed);
  });
});
