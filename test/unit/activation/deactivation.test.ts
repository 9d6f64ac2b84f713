import { beforeEach, describe, expect, test } from 'vitest';
import { activateFlowLog } from '../../../lib/activation/activate-flow-log.ts';
import { planFlowLogs } from '../../../lib/activation/batches/plan-batch.ts';
import { checkDrift } from '../../../lib/activation/drift/check-drift.ts';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import {
  DeactivationDisabled,
  NotRedrivable,
  OppositeRequestOpen,
  RequestUnfinished,
} from '../../../lib/activation/model/errors.ts';
import { clientTokenOf, deriveBatchId, outboxEventIdOf } from '../../../lib/activation/model/ids.ts';
import type { ActivateOutcome, FlowLogView } from '../../../lib/activation/model/outcome.ts';
import { decide } from '../../../lib/activation/poller/decide-pending.ts';
import { createPoller } from '../../../lib/activation/poller/poll-activations.ts';
import { redriveActivation } from '../../../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../../../lib/activation/redrive/redrive-failed.ts';
import { redriveFromDeadLetter } from '../../../lib/activation/redrive/redrive-from-dead-letter.ts';
import { cancelActivation } from '../../../lib/activation/request/cancel-activation.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import {
  aFailedActivation,
  anAcceptedActivation,
  anUnacceptedActivation,
  aRequest,
  published,
} from '../../support/builders/activations.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../support/fakes/activations.ts';
import { beforeCall } from '../../support/fakes/before-call.ts';
import { aFlowLog, aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';

const INACTIVE = { desired: 'Inactive' } as const;
const { replicaLagMs } = policy;

let deps = { ...inMemoryDeps(), allowsDeactivation: true };
let { clock, store, queue, api, publisher, deadLetters } = deps;
let poller = createPoller(deps);

beforeEach(() => {
  let drawn = 100;
  deps = { ...inMemoryDeps(), allowsDeactivation: true, newBatchId: () => batchIdOf(++drawn) };
  ({ clock, store, queue, api, publisher, deadLetters } = deps);
  poller = createPoller(deps);
});

const ask = (direction: 'on' | 'off', flowLogIds = ['fl-1'], idempotencyKey?: string) =>
  requestActivations(
    deps,
    aRequest(flowLogIds, {
      ...(direction === 'off' && INACTIVE),
      ...(idempotencyKey && { idempotencyKey }),
    }),
  );
const current = () => store.currentOf('fl-1');
const tick = async (afterMs = policy.tickMs) => {
  clock.now += afterMs;
  await poller.tick(clock.now + 60_000);
};
/** All jobs that wait. */
const work = async () => {
  for (const { job } of queue.enqueued.splice(0)) await activateFlowLog(deps, job, 1_000);
};
/** One that Volcengine carries out. */
const carryOut = async (direction: 'on' | 'off', key?: string) => {
  const { activations } = await ask(direction, ['fl-1'], key);
  await work();
  api.show(direction === 'on' ? 'Active' : 'Inactive');
  await tick(replicaLagMs);
  return activations[0]?.activationId ?? '';
};
const typesPublished = () => publisher.published.map(({ type }) => type);

describe('the observed status decides, mirrored', () => {
  const accepted = anAcceptedActivation(INACTIVE);
  const unaccepted = anUnacceptedActivation(INACTIVE);
  const at = START + replicaLagMs;
  const decideAt = (open: Activation, view: Partial<FlowLogView>, calledAt = at) =>
    decide(
      open,
      { kind: 'shown', view: { flowLogId: 'fl-1', status: 'Active', locked: false, ...view } },
      { calledAt, repliedAt: calledAt },
      policy,
      () => 0,
    );

  test.each([
    // shown, result if accepted, result if not accepted
    [{ status: 'Inactive' }, 'completed', 'completed adopted'],
    [{ status: 'Inactive', locked: true }, 'completed', 'failed frozen'],
    [{ status: 'Inactive', restoring: true }, 'completed', 'pending'],
    [{ status: 'Active' }, 'pending', 'queued'],
    [{ status: 'Active', locked: true }, 'failed frozen', 'failed frozen'],
    [{ status: 'Pending' }, 'pending', 'pending'],
    [{ status: 'Creating' }, 'pending', 'queued'],
    [{ status: 'Deleting' }, 'failed deleting', 'failed deleting'],
    [{ status: 'Failed' }, 'failed unexpected', 'failed unexpected'],
    [{ status: 'SomethingNew' }, 'pending', 'pending'],
  ] as const)('%j', (view, whenAccepted, whenNotAccepted) => {
    const outcomeOf = (open: Activation) => {
      const next = decideAt(open, view);
      return [next.status, next.reason, next.adopted === true && 'adopted'].filter(Boolean).join(' ');
    };
    expect(outcomeOf(accepted)).toBe(whenAccepted);
    expect(outcomeOf(unaccepted)).toBe(whenNotAccepted);
  });

  test('still Active at the deadline: fails, and says what it was not seen as', () => {
    const late = START + policy.pendingDeadlineMs + replicaLagMs;
    expect(decideAt(accepted, { status: 'Active' }, late)).toMatchObject({
      status: 'failed',
      reason: 'deadline-exceeded',
      lastError: { message: 'not seen Inactive in time; its last observed status is Active' },
    });
  });

  test('gone for longer than the lag: fails, because it was not seen Inactive', () => {
    const seen = (open: Activation, calledAt: number) =>
      decide(open, { kind: 'absent' }, { calledAt, repliedAt: calledAt }, policy, () => 0);
    const absentOnce = seen(accepted, at);
    expect(absentOnce).toMatchObject({ status: 'pending', absentAt: at });
    expect(seen(absentOnce, at + replicaLagMs)).toMatchObject({ status: 'failed', reason: 'not-found' });
  });

  test('what a lagging replica shows of the state before the call ends nothing', () => {
    expect(decideAt(accepted, { status: 'Active', locked: true }, START + 1)).toBe(accepted);
  });
});

describe('ids, tokens and events', () => {
  test('none is ever that of an activation, with the same caller and key', async () => {
    expect(deriveBatchId('api', 'k', INACTIVE)).not.toBe(deriveBatchId('api', 'k'));
    const on = await carryOut('on', 'k');
    const off = await carryOut('off', 'k');
    expect(off).not.toBe(on);
    expect(clientTokenOf(off, 1)).not.toBe(clientTokenOf(on, 1));
    expect(outboxEventIdOf(off, 'completed#1')).not.toBe(outboxEventIdOf(on, 'completed#1'));
    const ids = publisher.published.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(api.calls.map(({ clientToken }) => clientToken)).toEqual([
      clientTokenOf(on, 1),
      clientTokenOf(off, 1),
    ]);
    expect(api.deactivated).toEqual(['fl-1']);
  });

  test('its events have types of their own, that of its batch too', async () => {
    await carryOut('off');
    await tick();
    expect(typesPublished()).toEqual([
      'flow-log-deactivation.submitted.v1',
      'flow-log-deactivation.completed.v1',
      'flow-log-deactivation-batch.completed.v1',
    ]);
  });

  test('a failure is published with its dead letter, which says the direction', async () => {
    api.outcomes = [{ kind: 'dead-letter', reason: 'not-found', error: { code: 'C', message: 'm' } }];
    await ask('off');
    await work();
    await tick();
    expect(typesPublished()[0]).toBe('flow-log-deactivation.failed.v1');
    expect(deadLetters.deadLetters).toMatchObject([{ desired: 'Inactive', reason: 'not-found' }]);
  });
});

describe('the call', () => {
  const error = { code: 'InvalidFlowLog.InvalidStatus', message: 'm' };
  const outcomes: [ActivateOutcome, Partial<Activation>][] = [
    [
      { kind: 'accepted', requestId: 'r' },
      { status: 'pending', accepted: true, outbox: ['submitted#1'] },
    ],
    [
      { kind: 'verify', error },
      { status: 'pending', accepted: false },
    ],
    [
      { kind: 'retry', error },
      { status: 'queued', attempts: 1 },
    ],
    [
      { kind: 'throttled', error },
      { status: 'queued', attempts: 1 },
    ],
    [
      { kind: 'hold', error },
      { status: 'queued', attempts: 1 },
    ],
    [
      { kind: 'dead-letter', reason: 'frozen', error },
      { status: 'failed', reason: 'frozen' },
    ],
  ];

  test.each(outcomes)('%j is written as for an activation', async (outcome, expected) => {
    api.outcomes = [outcome];
    await ask('off');
    await work();
    expect(await current()).toMatchObject({ ...expected, ...INACTIVE });
    expect(api.deactivated).toEqual(['fl-1']);
    expect(deps.metrics.counts.get('DeactiveFlowLogCalls')).toBe(1);
    expect(deps.metrics.counts.get('ActiveFlowLogCalls')).toBeUndefined();
  });

  test('switched off by somebody else: adopted', async () => {
    api.outcomes = [{ kind: 'verify', error }];
    await carryOut('off');
    expect(await current()).toMatchObject({ status: 'completed', adopted: true });
  });
});

describe('the other direction', () => {
  test('an open request is refused with each flow log that it meets, and nothing is written', async () => {
    const { activations } = await ask('on', ['fl-1', 'fl-2']);
    const writes = store.writes.length;
    const refusal = await ask('off', ['fl-1', 'fl-2', 'fl-3']).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OppositeRequestOpen);
    expect(refusal).toMatchObject({
      open: activations.map(({ flowLogId, activationId }) => ({
        flowLogId,
        activationId,
        status: 'queued',
        desired: 'Active',
      })),
    });
    expect(store.writes).toHaveLength(writes);
  });

  test('an activation is refused while a deactivation is open, and possible after it was cancelled', async () => {
    const { activations } = await ask('off');
    await expect(ask('on')).rejects.toThrow(OppositeRequestOpen);
    await cancelActivation(deps, activations[0]?.activationId ?? '', 'someone');
    await tick();
    expect((await ask('on')).activations).toMatchObject([{ status: 'queued', joined: false }]);
  });

  test('one that opens between the check and the write is waited for: the request is stored, and finished later', async () => {
    const unhook = beforeCall(store, 'createBatch', () => {
      unhook();
      return ask('off');
    });
    await expect(ask('on', ['fl-1'], 'k')).rejects.toThrow(RequestUnfinished);
    expect(await current()).toMatchObject(INACTIVE);
    await work();
    api.show('Inactive');
    await tick();
    await tick(60_000);
    expect(await current()).toMatchObject({ status: 'queued', batchId: deriveBatchId('api', 'k') });
  });

  test('the same direction is joined', async () => {
    await ask('off');
    expect((await ask('off')).activations).toMatchObject([{ joined: true }]);
  });

  test('the repetition of a stored request is answered as before, whatever is open', async () => {
    const on = await carryOut('on', 'k');
    await ask('off');
    expect((await ask('on', ['fl-1'], 'k')).activations).toMatchObject([
      { activationId: on, status: 'completed' },
    ]);
  });

  test('on, off, and on again: each is archived and completes', async () => {
    const ids = [await carryOut('on'), await carryOut('off'), await carryOut('on')];
    for (const id of ids) expect(await store.readActivation(id)).toMatchObject({ status: 'completed' });
    expect(store.archive.size).toBe(2);
  });

  test('what a lagging replica shows of the time before an earlier request completes nothing', async () => {
    await carryOut('on');
    await ask('off');
    await work();
    // As it was before it was switched on.
    api.show('Inactive');
    await tick();
    expect(await current()).toMatchObject({ status: 'pending' });
    await tick(replicaLagMs);
    expect(await current()).toMatchObject({ status: 'completed', adopted: false });
  });

  test('a selection does not take what is being deactivated', async () => {
    await ask('off');
    deps.finder.flowLogs.push(aFlowLog('fl-1', { status: 'Inactive' }));
    const limit = { flowLogs: 10, endAt: clock.now + 60_000 };
    expect(await planFlowLogs(deps, aSelector(), limit)).toMatchObject({
      otherStatus: ['fl-1'],
      wouldActivate: [],
      alreadyOpen: [],
    });
  });
});

describe('drift', () => {
  const check = () =>
    checkDrift({ ...deps, replicaLagMs }, { readUntil: clock.now + 1, describeUntil: clock.now + 60_000 });

  test('a flow log that was deactivated is not asked about', async () => {
    await carryOut('on');
    await carryOut('off');
    api.described.length = 0;
    clock.now += 2 * replicaLagMs;
    expect(await check()).toMatchObject({ checked: 0, drifted: 0 });
    expect(api.described).toEqual([]);
    expect((await current()).drift).toBeUndefined();
  });
});

describe('redrive', () => {
  const failed = published(aFailedActivation('frozen', INACTIVE));
  const { activationId } = failed;
  const deadLetter = { activationId, generation: 1 };

  beforeEach(async () => {
    clock.now = START + replicaLagMs;
    await store.open(failed);
    api.show('Active');
  });

  test('by its id: the next generation, in the same direction', async () => {
    const redriven = await redriveActivation(deps, activationId, 'someone');
    expect(redriven).toMatchObject({ kind: 'queued', activation: { generation: 2, ...INACTIVE } });
  });

  test('adopted if it is Inactive by now, refused while it is frozen or being deleted', async () => {
    api.show('Inactive', ['fl-1'], { locked: true });
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(NotRedrivable);
    api.show('Deleting');
    await expect(redriveActivation(deps, activationId, 'someone')).rejects.toThrow(NotRedrivable);
    api.show('Inactive');
    expect(await redriveActivation(deps, activationId, 'someone')).toMatchObject({
      kind: 'adopted',
      activation: { status: 'completed' },
    });
  });

  test.each([undefined, 'frozen'] as const)('never by a redrive of many, with reason %s', async (reason) => {
    const redriven = await redriveFailed(deps, { limit: 10, by: 'someone', ...(reason && { reason }) });
    expect(redriven).toMatchObject({ queued: 0, adopted: 0 });
    expect(await current()).toMatchObject({ status: 'failed' });
  });

  test('by its dead letter', async () => {
    expect(await redriveFromDeadLetter(deps, deadLetter)).toBe('queued');
  });

  test('not where no deactivation is allowed', async () => {
    const refusing = { ...deps, allowsDeactivation: false };
    await expect(redriveActivation(refusing, activationId, 'someone')).rejects.toThrow(DeactivationDisabled);
    expect(await redriveFromDeadLetter(refusing, deadLetter)).toBe('ignored');
    expect(await current()).toMatchObject({ status: 'failed', generation: 1 });
  });
});

test('where no deactivation is allowed it is refused, nothing is written, and an activation costs no read more', async () => {
  deps = { ...deps, allowsDeactivation: false };
  await expect(ask('off')).rejects.toThrow(DeactivationDisabled);
  expect(store.writes).toEqual([]);
  beforeCall(store, 'readManyCurrent', () => Promise.reject(new Error('was read')));
  expect((await ask('on')).activations).toHaveLength(1);
});

test('an activation has no field more than it ever had', () => {
  expect(anActivation()).not.toHaveProperty('desired');
  expect(anActivation()).not.toHaveProperty('untrustedUntil');
});
