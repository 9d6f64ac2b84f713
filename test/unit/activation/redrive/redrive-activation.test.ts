import { beforeEach, describe, expect, test } from 'vitest';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { clearOutbox, complete, fail } from '../../../../lib/activation/model/endings.ts';
import {
  DescribeFailed,
  NotFound,
  NotRedrivable,
  OutboxPending,
} from '../../../../lib/activation/model/errors.ts';
import { clientTokenOf } from '../../../../lib/activation/model/ids.ts';
import type {
  CallFailure,
  DescribeOutcome,
  FailureReason,
} from '../../../../lib/activation/model/outcome.ts';
import { accept, leaseForCall } from '../../../../lib/activation/model/transitions.ts';
import {
  redriveActivation,
  redriveFromDeadLetter,
} from '../../../../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../../../../lib/activation/redrive/redrive-failed.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';

let deps = inMemoryDeps();
let { store, queue, api, limiter } = deps;
const now = START + 60_000;
const { activationId } = anActivation();

beforeEach(() => {
  deps = inMemoryDeps();
  ({ store, queue, api, limiter } = deps);
  deps.clock.now = now;
  show('Inactive');
});

const show = (status: string, locked = false, flowLogId = 'fl-1') => {
  api.views = [...api.views.filter((view) => view.flowLogId !== flowLogId), { flowLogId, status, locked }];
};
const told = (activation: Activation) => clearOutbox(activation, new Set(activation.outbox));
const failed = (reason: FailureReason = 'frozen', flowLogId = 'fl-1', createdAt = START) => {
  const id = `default.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
  const leased = leaseForCall(
    anActivation({ flowLogId, activationId: id, createdAt }),
    'lease-1',
    START,
    policy,
  );
  return fail(leased, reason, START, { code: 'Some', message: 'error' });
};
const current = async (flowLogId = 'fl-1') => store.readCurrent(flowLogOf(flowLogId));

describe('one activation', () => {
  test('is queued again: next generation, new counts, deadlines and token, with a job', async () => {
    await store.open(told({ ...failed(), joiners: [batchIdOf(2)] }));
    expect(await redriveActivation(deps, activationId, 'someone')).toMatchObject({ kind: 'queued' });
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
    await store.open(told(failed()));
    show('Active');
    expect(await redriveActivation(deps, activationId, 'someone')).toMatchObject({ kind: 'adopted' });
    expect(await current()).toMatchObject({ status: 'completed', adopted: true, outbox: ['completed#2'] });
    expect(queue.enqueued).toEqual([]);
  });

  test('with an expected generation: redrives once, and returns the current activation after that', async () => {
    await store.open(told(failed()));
    expect(await redriveActivation(deps, activationId, 'someone', 1)).toMatchObject({ kind: 'queued' });
    expect(await redriveActivation(deps, activationId, 'someone', 1)).toMatchObject({
      kind: 'past',
      activation: { generation: 2 },
    });
    expect(queue.enqueued).toHaveLength(1);
    await expect(redriveActivation(deps, activationId, 'someone', 3)).rejects.toThrow(NotRedrivable);
  });

  test.each([
    ['still frozen', 'Inactive', true, /still frozen/],
    ['being deleted', 'Deleting', false, /being deleted/],
  ])('%s: refused with the reason', async (_what, status, locked, why) => {
    await store.open(told(failed()));
    show(status, locked);
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(NotRedrivable);
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(why);
    expect((await current())?.generation).toBe(1);
  });

  test('being restored after a payment: redriven', async () => {
    await store.open(told(failed('frozen')));
    api.views = [{ flowLogId: 'fl-1', status: 'Inactive', locked: false, restoring: true }];
    expect(await redriveActivation(deps, activationId, 'someone')).toMatchObject({ kind: 'queued' });
  });

  test('still absent: refused', async () => {
    await store.open(told(failed('not-found')));
    api.views = [];
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(/does not show/);
  });

  const leased = leaseForCall(anActivation(), 'lease-1', START, policy);
  test.each([
    ['queued', anActivation(), NotRedrivable],
    ['pending', accept(leased, 'r', START, policy), NotRedrivable],
    ['completed', told(complete(leased, true, START)), NotRedrivable],
    ['failed for a reason that a redrive cannot help', told(failed('invalid-request')), NotRedrivable],
    ['failed, and not published yet', failed(), OutboxPending],
  ])('%s: refused without a DescribeFlowLogs call', async (_what, activation, refusal) => {
    await store.open(activation);
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(refusal);
    expect(api.described).toEqual([]);
  });

  test('an archived or unknown activation is refused', async () => {
    const old = told(failed());
    await store.open(old);
    await store.replace(
      old,
      anActivation({ batchId: batchIdOf(2), activationId: `default.cn-beijing.fl-1.${batchIdOf(2)}` }),
    );
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(/later activation/);
    await expect(redriveActivation(deps, 'nonsense', 'someone')).rejects.toThrow(NotFound);
  });

  test('a throttled DescribeFlowLogs call fails with its Retry-After, and slows down', async () => {
    await store.open(told(failed()));
    api.describeFailure = {
      kind: 'throttled',
      error: { code: 'FlowLimitExceeded', message: '' },
      retryAfterMs: 7_200,
    };
    const refusal = await redriveActivation(deps, activationId, 'someone').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DescribeFailed);
    expect(refusal).toMatchObject({ retryAfterSeconds: 8 });
    expect(limiter.throttles).toBe(1);
    limiter.tokens = 0;
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toMatchObject({
      retryAfterSeconds: 3,
    });
  });

  test.each([[undefined], [1]])(
    'recognises its own write if the answer was lost, with expected generation %s',
    async (expected) => {
      await store.open(told(failed()));
      const { transition } = store;
      store.transition = async (previous, next) => {
        await transition.call(store, previous, next);
        return false;
      };
      expect(await redriveActivation(deps, activationId, 'someone', expected)).toMatchObject({
        kind: 'queued',
        activation: { generation: 2 },
      });
      expect(queue.enqueued).toHaveLength(1);
    },
  );

  test('two redrives at once make one generation', async () => {
    await store.open(told(failed()));
    let time = now;
    deps.now = () => ++time;
    await Promise.all([
      redriveActivation(deps, activationId, 'someone', 1),
      redriveActivation(deps, activationId, 'someone', 1),
    ]);
    expect(await current()).toMatchObject({ generation: 2 });
    expect(queue.enqueued).toHaveLength(1);
  });
});

describe('a dead letter that was moved back', () => {
  const deadLetter = { activationId, generation: 1 };

  test('opens exactly its next generation, once', async () => {
    await store.open(told(failed('invalid-request')));
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('queued');
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('ignored');
    expect(await current()).toMatchObject({ status: 'queued', generation: 2 });
    expect(queue.enqueued).toEqual([{ job: { activationId, generation: 2 }, delayMs: 0 }]);
    expect(api.described).toEqual([]);
  });

  test('waits until its failure is published', async () => {
    await store.open(failed());
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('deferred');
    expect(queue.enqueued).toEqual([{ job: { ...deadLetter, redrive: true }, delayMs: policy.tickMs }]);
    expect((await current())?.generation).toBe(1);
  });

  test.each([
    ['a minute', 60_000, 60_000],
    ['an hour: as long as a message can', 3_600_000, 900_000],
    ['no time', -1_000, policy.tickMs],
  ])('waits until the next try of the bus: %s', async (_what, retryInMs, delayMs) => {
    const one = failed();
    const refused = { entries: one.outbox, times: 7, retryAt: now + retryInMs };
    await store.open({ ...one, refused });
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('deferred');
    expect(queue.enqueued).toEqual([{ job: { ...deadLetter, redrive: true }, delayMs }]);
  });

  test.each([
    ['of another generation', { ...deadLetter, generation: 2 }],
    ['of another activation', { ...deadLetter, activationId: `default.cn-beijing.fl-1.${batchIdOf(9)}` }],
  ])('%s is ignored', async (_what, other) => {
    await store.open(told(failed()));
    expect(await redriveFromDeadLetter(deps, other)).toBe('ignored');
    expect((await current())?.generation).toBe(1);
  });
});

describe('a bulk redrive', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `fl-${index}`);

  test('queues, adopts or refuses each, with one DescribeFlowLogs call for up to 100', async () => {
    for (const [index, flowLogId] of ids(120).entries()) {
      await store.open(told(failed('frozen', flowLogId, START + index)));
      show(index === 0 ? 'Active' : 'Inactive', index === 1, flowLogId);
    }
    await store.open(told(failed('not-found', 'fl-other')));
    await store.open(failed('frozen', 'fl-untold'));
    expect(await redriveFailed(deps, { reason: 'frozen', limit: 1_000, by: 'someone' })).toEqual({
      queued: 118,
      adopted: 1,
      refused: 2,
      refusals: expect.arrayContaining([
        {
          activationId: `default.cn-beijing.fl-1.${batchIdOf(1)}`,
          why: expect.stringContaining('still frozen'),
        },
        {
          activationId: `default.cn-beijing.fl-untold.${batchIdOf(1)}`,
          why: expect.stringContaining('published'),
        },
      ]),
      more: false,
    });
    expect(api.described).toHaveLength(2);
    expect((await current('fl-other'))?.status).toBe('failed');
  });

  test('stops at the limit, reports that there is more, and continues when repeated', async () => {
    for (const [index, flowLogId] of ids(5).entries()) {
      await store.open(told(failed('frozen', flowLogId, START + index)));
      show('Inactive', index === 4, flowLogId);
    }
    const first = await redriveFailed(deps, { limit: 2, by: 'someone' });
    expect(first).toMatchObject({ more: true });
    let queued = first.queued;
    for (let round = 0; round < 3; round += 1)
      queued += (await redriveFailed(deps, { limit: 2, by: 'someone' })).queued;
    expect(queued).toBe(4);
    expect(await redriveFailed(deps, { limit: 2, by: 'someone' })).toMatchObject({
      queued: 0,
      refused: 1,
      more: false,
    });
  });

  const failedOf = async (account: string, flowLogId: string, reason: FailureReason = 'frozen') => {
    const activationId = `${account}.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
    await store.open(told({ ...failed(reason, flowLogId), account, activationId }));
    show('Inactive', false, flowLogId);
    return activationId;
  };
  /** Replaces the scripted outcome, or keeps it if undefined. */
  const answering = (answer: (account: string, ids: string[]) => DescribeOutcome | undefined) => {
    const { describeFlowLogs } = api;
    api.describeFlowLogs = async (scope, ids) =>
      answer((scope as { account: string }).account, ids) ?? describeFlowLogs.call(api, scope, ids);
  };

  test.each<[string, CallFailure]>([
    ['a key is revoked', { kind: 'hold', error: { code: 'InvalidAccessKey', message: '', httpStatus: 401 } }],
    ['an account is unknown here', { kind: 'hold', error: { code: 'None', message: '' }, unsent: true }],
    ['an account is throttled', { kind: 'throttled', error: { code: 'Throttling', message: '' } }],
    [
      'an account gives garbage',
      { kind: 'retry', error: { code: 'InvalidBody', message: '', httpStatus: 200 } },
    ],
  ])('%s: redrives the others, and names the refused ones', async (_what, failure) => {
    const bad = [await failedOf('bad', 'fl-1'), await failedOf('bad', 'fl-2')];
    await failedOf('good', 'fl-3');
    answering((account) => (account === 'bad' ? failure : undefined));
    const result = await redriveFailed(deps, { limit: 10, by: 'someone' });
    expect(result).toMatchObject({ queued: 1, refused: 2, more: true });
    expect(result.refusals.map(({ activationId }) => activationId).sort()).toEqual(bad);
    expect(result.refusals[0]?.why).toContain(failure.error.code);
  });

  test('one id for which the whole call is refused hides no other', async () => {
    for (const flowLogId of ids(100)) await failedOf('default', flowLogId);
    const error = { code: 'InvalidFlowLogId.Malformed', message: 'fl-42', httpStatus: 400 };
    answering((_account, asked) =>
      asked.includes('fl-42') ? { kind: 'dead-letter', reason: 'invalid-request', error } : undefined,
    );
    expect(await redriveFailed(deps, { limit: 1_000, by: 'someone' })).toMatchObject({
      queued: 99,
      refused: 1,
      refusals: [{ why: expect.stringContaining('InvalidFlowLogId.Malformed') }],
      more: false,
    });
  });

  test.each(['fl-0', 'fl-9'])('an id for which DescribeFlowLogs fails hides no other: %s', async (bad) => {
    for (const flowLogId of ids(10)) await failedOf('default', flowLogId);
    const error = { code: 'InternalError', message: bad, httpStatus: 500 };
    answering((_account, asked) => (asked.includes(bad) ? { kind: 'retry', error } : undefined));
    expect(await redriveFailed(deps, { limit: 100, by: 'someone' })).toMatchObject({
      queued: 9,
      refused: 1,
    });
  });

  test('reports that there is more if some could not be described', async () => {
    for (const flowLogId of ids(10)) await failedOf('default', flowLogId);
    const error = { code: 'InvalidFlowLogId.Malformed', message: 'fl-4', httpStatus: 400 };
    answering((_account, asked) =>
      asked.includes('fl-4') ? { kind: 'dead-letter', reason: 'invalid-request', error } : undefined,
    );
    limiter.tokens = 3;
    const first = await redriveFailed(deps, { by: 'someone', limit: 100 });
    expect(first).toMatchObject({ more: true });
    expect(first.queued).toBeGreaterThan(0);
    limiter.tokens = 16;
    const second = await redriveFailed(deps, { by: 'someone', limit: 100 });
    expect([first.queued + second.queued, second.more]).toEqual([9, false]);
  });

  test('without a reason it skips what a person has cancelled', async () => {
    await failedOf('default', 'fl-1', 'cancelled');
    await failedOf('default', 'fl-2');
    expect(await redriveFailed(deps, { limit: 10, by: 'someone' })).toMatchObject({ queued: 1, refused: 0 });
    expect(await redriveFailed(deps, { reason: 'cancelled', limit: 10, by: 'someone' })).toMatchObject({
      queued: 1,
    });
  });

  test('starts no page after its time, and reports that there is more', async () => {
    for (const flowLogId of ids(150)) await failedOf('default', flowLogId);
    expect(await redriveFailed(deps, { limit: 1_000, until: now, by: 'someone' })).toMatchObject({
      queued: 100,
      more: true,
    });
    expect(await redriveFailed(deps, { limit: 1_000, until: now, by: 'someone' })).toMatchObject({
      queued: 50,
      more: false,
    });
  });

  test('a region that is no longer enabled is refused, in bulk and alone', async () => {
    const activationId = await failedOf('default', 'fl-1');
    deps.scopeRefusal = ({ region }) => `the region ${region} is not enabled`;
    expect(await redriveFailed(deps, { limit: 10, by: 'someone' })).toMatchObject({
      queued: 0,
      refusals: [{ activationId, why: expect.stringContaining('cn-beijing is not enabled') }],
    });
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(NotRedrivable);
    expect(api.described).toEqual([]);
  });

  test('without any answer of Volcengine it fails, and can be repeated later', async () => {
    await store.open(told(failed()));
    api.describeFailure = { kind: 'hold', error: { code: 'AccessDenied', message: '' } };
    await expect(redriveFailed(deps, { limit: 10, by: 'someone' })).rejects.toThrow(DescribeFailed);
  });
});
