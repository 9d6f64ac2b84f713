import { describe, expect, test } from 'vitest';
import { decide, workFor } from '../../../lib/activation/decide.ts';
import { complete } from '../../../lib/activation/endings.ts';
import type { FlowLogView } from '../../../lib/activation/outcome.ts';
import { accept, leaseForCall, lookFirst } from '../../../lib/activation/transitions.ts';
import { anActivation, policy, START } from '../../fakes/activations.ts';

const leased = leaseForCall(anActivation(), 'lease-1', START, policy);
const accepted = accept(leased, 'req-1', START, policy);
const looking = lookFirst(leased, { code: 'InvalidFlowLog.InvalidStatus', message: 'no' }, START, policy);
const at = START + 5_000;
const seenAt = (askedAt: number) => ({ askedAt, answeredAt: askedAt });

const viewOf = (status: string, locked = false): FlowLogView => ({ flowLogId: 'fl-1', status, locked });

describe('what DescribeFlowLogs shows decides', () => {
  test.each([
    // status, locked, when accepted, when only looked at
    ['Active', false, 'completed', 'completed adopted'],
    ['Active', true, 'completed', 'completed adopted'],
    ['Pending', false, 'pending', 'pending'],
    ['Inactive', false, 'pending', 'queued'],
    ['Creating', false, 'pending', 'queued'],
    ['Deleting', false, 'failed deleting', 'failed deleting'],
    ['Failed', false, 'failed activation-failed', 'failed activation-failed'],
    ['Inactive', true, 'failed frozen', 'failed frozen'],
    ['Pending', true, 'failed frozen', 'failed frozen'],
    ['SomethingNew', false, 'pending', 'pending'],
  ])('%s, locked: %s', (status, locked, whenAccepted, whenLooking) => {
    const outcomeOf = (open: typeof accepted) => {
      const next = decide(open, viewOf(status, locked), seenAt(at), policy, () => 0.5);
      return [next.status, next.reason, next.adopted === true && 'adopted'].filter(Boolean).join(' ');
    };
    expect(outcomeOf(accepted)).toBe(whenAccepted);
    expect(outcomeOf(looking)).toBe(whenLooking);
  });

  test.each([
    ['accepted', accepted, 'pending'],
    ['only looked at', looking, 'queued'],
    ['not called yet', anActivation(), 'queued'],
  ] as const)('a lock that is being lifted is waited for: %s', (_what, open, status) => {
    const view: FlowLogView = { ...viewOf('Inactive'), restoring: true };
    expect(decide(open, view, seenAt(at), policy, () => 0).status).toBe(status);
  });

  test('nothing new is the same record, so that nothing is written', () => {
    expect(decide(accepted, viewOf('Pending'), seenAt(at), policy, () => 0)).toBe(accepted);
    expect(decide(anActivation(), viewOf('Inactive'), seenAt(at), policy, () => 0).status).toBe('queued');
  });

  test('the second absence must be seen later than the first', () => {
    const absentOnce = decide(accepted, undefined, seenAt(at), policy, () => 0);
    expect(absentOnce).toMatchObject({ status: 'pending', absentAt: at });
    expect(decide(absentOnce, undefined, seenAt(at), policy, () => 0)).toBe(absentOnce);
    expect(decide(absentOnce, undefined, seenAt(at + 1), policy, () => 0)).toMatchObject({
      reason: 'not-found',
    });
  });

  test('at a deadline too, a cause that is seen says more', () => {
    const late = seenAt(START + policy.activationDeadlineMs);
    expect(decide(accepted, viewOf('Deleting'), late, policy, () => 0).reason).toBe('deleting');
    expect(decide(anActivation(), viewOf('Inactive', true), late, policy, () => 0).reason).toBe('frozen');
    expect(decide(anActivation(), undefined, late, policy, () => 0).reason).toBe('deadline-exceeded');
  });

  test('the end is when it was answered, not when it was asked', () => {
    const slow = { askedAt: at, answeredAt: at + 3_000 };
    expect(decide(accepted, viewOf('Active'), slow, policy, () => 0).finishedAt).toBe(at + 3_000);
  });

  test('the message at a deadline says what was seen', () => {
    const late = decide(
      accepted,
      viewOf('Pending'),
      seenAt(START + policy.pendingDeadlineMs),
      policy,
      () => 0,
    );
    expect(late.lastError?.message).toBe('not seen Active in time; at the last look its status is Pending');
  });
});

describe('what a due activation is owed', () => {
  test.each([
    ['queued', anActivation(), 'ring'],
    ['queued and leased', leased, 'nothing'],
    ['queued, past its deadline', { ...anActivation(), deadlineAt: at }, 'describe'],
    ['pending', accepted, 'describe'],
    ['final, with something to tell', complete(accepted, false, START), 'nothing'],
  ])('%s: %s', (_what, activation, work) => {
    expect(workFor(activation, at - policy.tickMs, at)).toBe(work);
  });

  test('after five minutes a pending one is asked about each half minute', () => {
    const told = { ...accepted, outbox: [] };
    const ticks = Array.from({ length: 60 }, (_, index) => START + 600_000 + index * 5_000);
    const asked = ticks.filter((now) => workFor(told, now - 5_000, now) === 'describe');
    expect(asked).toHaveLength(10);
  });
});
