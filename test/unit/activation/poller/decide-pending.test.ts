import { describe, expect, test } from 'vitest';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { complete } from '../../../../lib/activation/model/endings.ts';
import type { CallFailure, FlowLogView } from '../../../../lib/activation/model/outcome.ts';
import {
  decide as decideBy,
  type ObservationTime,
  workFor,
} from '../../../../lib/activation/poller/decide-pending.ts';
import {
  aLeasedActivation,
  anAcceptedActivation,
  anUnacceptedActivation,
} from '../../../support/builders/activations.ts';
import { anActivation, policy, START } from '../../../support/fakes/activations.ts';

const leased = aLeasedActivation();
const accepted = anAcceptedActivation();
const unaccepted = anUnacceptedActivation();
const { replicaLagMs } = policy;
/** No replica shows the state before the call any more. */
const at = START + replicaLagMs;
const seenAt = (calledAt: number) => ({ calledAt, repliedAt: calledAt });

const viewOf = (status: string, locked = false): FlowLogView => ({ flowLogId: 'fl-1', status, locked });

/** Shown so, or absent, at a time or within one. */
const decide = (open: Activation, view: FlowLogView | undefined, time: number | ObservationTime) =>
  decideBy(
    open,
    view ? { kind: 'shown', view } : { kind: 'absent' },
    typeof time === 'number' ? seenAt(time) : time,
    policy,
    () => 0,
  );

describe('the observed status decides', () => {
  test.each([
    // status, locked, result if accepted, result if not accepted
    ['Active', false, 'completed', 'completed adopted'],
    ['Active', true, 'completed', 'completed adopted'],
    ['Pending', false, 'pending', 'pending'],
    ['Inactive', false, 'pending', 'queued'],
    ['Creating', false, 'pending', 'queued'],
    ['Deleting', false, 'failed deleting', 'failed deleting'],
    ['Deleting', true, 'failed deleting', 'failed deleting'],
    ['Failed', false, 'failed activation-failed', 'failed activation-failed'],
    ['Inactive', true, 'failed frozen', 'failed frozen'],
    ['Pending', true, 'failed frozen', 'failed frozen'],
    ['SomethingNew', false, 'pending', 'pending'],
  ])('%s, locked: %s', (status, locked, whenAccepted, whenNotAccepted) => {
    const outcomeOf = (open: typeof accepted) => {
      const next = decide(open, viewOf(status, locked), at);
      return [next.status, next.reason, next.adopted === true && 'adopted'].filter(Boolean).join(' ');
    };
    expect(outcomeOf(accepted)).toBe(whenAccepted);
    expect(outcomeOf(unaccepted)).toBe(whenNotAccepted);
  });

  test.each([
    ['accepted', accepted, 'pending'],
    ['not accepted', unaccepted, 'queued'],
    ['not called yet', anActivation(), 'queued'],
  ] as const)('a lock that is being lifted is waited for: %s', (_what, open, status) => {
    const view: FlowLogView = { ...viewOf('Inactive'), restoring: true };
    expect(decide(open, view, at).status).toBe(status);
  });

  test('returns the same record if nothing changes, so that nothing is written', () => {
    expect(decide(accepted, viewOf('Pending'), at)).toBe(accepted);
    expect(decide(anActivation(), viewOf('Inactive'), at).status).toBe('queued');
  });

  test('an absence counts only if it lasts longer than the replica lag', () => {
    const absentOnce = decide(accepted, undefined, at);
    expect(absentOnce).toMatchObject({ status: 'pending', absentAt: at });
    const soon = at + replicaLagMs - 1;
    expect(decide(absentOnce, undefined, soon)).toBe(absentOnce);
    const later = at + replicaLagMs;
    expect(decide(absentOnce, undefined, later)).toMatchObject({ reason: 'not-found' });
  });

  test('the replica lag is measured from the first answer to the next question', () => {
    const slow = { calledAt: at, repliedAt: at + 4_000 };
    const absentOnce = decide(accepted, undefined, slow);
    const soon = at + 4_000 + replicaLagMs - 1;
    expect(decide(absentOnce, undefined, soon)).toBe(absentOnce);
    const later = at + 4_000 + replicaLagMs;
    expect(decide(absentOnce, undefined, later)).toMatchObject({ reason: 'not-found' });
  });

  test('the deadline is compared with the time of the question', () => {
    const lateAt = START + policy.pendingDeadlineMs + replicaLagMs;
    const slow = { calledAt: lateAt - 1, repliedAt: lateAt + 4_000 };
    expect(decide(accepted, viewOf('Pending'), slow)).toBe(accepted);
  });

  test('after a presence, or a long time without an answer, the next absence is the first one', () => {
    const absentOnce = decide(accepted, undefined, at);
    const shown = decide(absentOnce, viewOf('Pending'), at + 5_000);
    expect(shown.absentAt).toBeUndefined();
    const untrusted = { ...absentOnce, untrustedUntil: at + replicaLagMs };
    const early = decide(untrusted, viewOf('Active'), at + 5_000);
    expect(early).toMatchObject({ status: 'pending', absentAt: undefined });
    expect(decide(early, viewOf('Active'), at + 6_000)).toBe(early);
    const muchLater = at + 10 * replicaLagMs;
    const absentAgain = decide(absentOnce, undefined, muchLater);
    expect(absentAgain).toMatchObject({ status: 'pending', absentAt: muchLater });
  });

  test('a status from before the accepted call ends nothing within the replica lag', () => {
    const soon = START + replicaLagMs - 1;
    expect(decide(accepted, viewOf('Inactive', true), soon)).toBe(accepted);
    expect(decide(accepted, viewOf('Failed'), soon)).toBe(accepted);
    expect(decide(unaccepted, viewOf('Inactive', true), soon).reason).toBe('frozen');
    // The lock may be gone, the deletion goes on.
    expect(decide(accepted, viewOf('Deleting', true), soon).reason).toBe('deleting');
  });

  test('after the deadline, an observed cause of failure wins over deadline-exceeded', () => {
    const late = START + policy.activationDeadlineMs + replicaLagMs;
    expect(decide(accepted, viewOf('Deleting'), late).reason).toBe('deleting');
    expect(decide(anActivation(), viewOf('Inactive', true), late).reason).toBe('frozen');
    expect(decide(anActivation(), viewOf('Inactive'), late).reason).toBe('deadline-exceeded');
  });

  test.each([
    ['pending', accepted, START + policy.pendingDeadlineMs],
    ['queued', anActivation(), START + policy.activationDeadlineMs],
  ])('a deadline ends an activation only after the replica lag: %s', (_what, open, deadlineAt) => {
    const early = deadlineAt + replicaLagMs - 1;
    expect(decide(open, viewOf('Pending'), early)).toBe(open);
    const late = deadlineAt + replicaLagMs;
    expect(decide(open, viewOf('Active'), late).status).toBe('completed');
    expect(decide(open, viewOf('Pending'), late).reason).toBe('deadline-exceeded');
  });

  test('after the deadline, one absence ends nothing either', () => {
    const lateAt = START + policy.activationDeadlineMs + replicaLagMs;
    const absentOnce = decide(anActivation(), undefined, lateAt);
    expect(absentOnce).toMatchObject({ status: 'queued', absentAt: lateAt });
    const again = lateAt + replicaLagMs;
    expect(decide(absentOnce, undefined, again).reason).toBe('not-found');
  });

  test('the end is the time of the answer, not of the question', () => {
    const slow = { calledAt: at, repliedAt: at + 3_000 };
    expect(decide(accepted, viewOf('Active'), slow).finishedAt).toBe(at + 3_000);
  });

  test('the message of an exceeded deadline contains the last observed status', () => {
    const late = decide(accepted, viewOf('Pending'), START + policy.pendingDeadlineMs + replicaLagMs);
    expect(late.lastError?.message).toBe('not seen Active in time; its last observed status is Pending');
  });
});

describe('no answer', () => {
  const lateAt = START + policy.pendingDeadlineMs + replicaLagMs;
  const message = 'HTTP 200 with a body that is not a Volcengine reply';
  const error = { code: 'InvalidBody', message };
  const unanswered = (open: Activation, failure: CallFailure, calledAt: number) =>
    decideBy(open, { kind: 'unanswered', failure }, seenAt(calledAt), policy, () => 0);

  test.each<CallFailure>([
    { kind: 'retry', error },
    { kind: 'throttled', error },
    { kind: 'dead-letter', reason: 'invalid-request', error },
  ])('$kind: changes nothing before the deadline, and fails five replica lags after it', (failure) => {
    expect(unanswered(accepted, failure, lateAt - 1)).toBe(accepted);
    const noted = unanswered(accepted, failure, lateAt);
    expect(noted).toMatchObject({ status: 'pending', unansweredAt: lateAt });
    expect(unanswered(noted, failure, lateAt + 5 * replicaLagMs - 1)).toBe(noted);
    const failed = unanswered(noted, failure, lateAt + 5 * replicaLagMs);
    expect(failed).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
    expect(failed.lastError?.message).toBe(
      `not seen Active in time; DescribeFlowLogs gives no usable reply: ${message}`,
    );
    expect(failed.unansweredAt).toBeUndefined();
  });

  test('a missing answer after a long hold does not fail the activation', () => {
    const failure: CallFailure = { kind: 'retry', error };
    const noted = unanswered(accepted, failure, lateAt);
    const muchLater = lateAt + 10 * replicaLagMs;
    const later = unanswered(noted, failure, muchLater);
    expect(later).toMatchObject({ status: 'pending', unansweredAt: muchLater });
  });

  test('an unansweredAt from before the deadline, left by a redrive of version 0.3, does not count', () => {
    const failure: CallFailure = { kind: 'retry', error };
    const left = { ...accepted, unansweredAt: lateAt - 5 * replicaLagMs };
    expect(unanswered(left, failure, lateAt)).toMatchObject({ status: 'pending', unansweredAt: lateAt });
  });

  test('on hold it waits without a limit', () => {
    const muchLater = lateAt + 365 * 86_400_000;
    expect(unanswered(accepted, { kind: 'hold', error }, muchLater)).toBe(accepted);
  });
});

describe('the work for a due activation', () => {
  const soon = START + 5_000;

  test.each([
    ['queued', anActivation(), 'requeue'],
    ['queued and leased', leased, 'nothing'],
    ['queued, past its deadline', { ...anActivation(), deadlineAt: soon }, 'describe'],
    ['pending', accepted, 'describe'],
    ['final, with a filled outbox', complete(accepted, false, START), 'nothing'],
  ])('%s: %s', (_what, activation, work) => {
    expect(workFor(activation, soon - policy.tickMs, soon)).toBe(work);
  });

  test('a lease stays valid for the clock difference after its end', () => {
    const overAt = (leased.leaseUntil ?? 0) + 10_000;
    expect(workFor(leased, overAt - 5_001, overAt - 1)).toBe('nothing');
    expect(workFor(leased, overAt - 5_000, overAt)).toBe('requeue');
  });

  test('after five minutes a pending one is described every 30 seconds', () => {
    const told = { ...accepted, outbox: [] };
    const ticks = Array.from({ length: 60 }, (_, index) => START + 600_000 + index * 5_000);
    const asked = ticks.filter((now) => workFor(told, now - 5_000, now) === 'describe');
    expect(asked).toHaveLength(10);
  });
});
