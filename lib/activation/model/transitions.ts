import type { Activation, HistoryEntry } from './activation.ts';
import { appendHistory, errorSummary } from './history.ts';
import type { CallError } from './outcome.ts';
import type { Policy } from './policy.ts';

/*
 * The transitions of the diagram in activation.ts: pure functions from the record that was read to the record to write.
 * The condition of the store's write decides whether the transition is still allowed.
 * The functions do not change `version`: the store increments it.
 * Here: those of a call, and what is observed without a change of the status. queueing.ts: those into `queued`.
 * endings.ts: those into `completed` and `failed`.
 */

/** Removes the lease. */
export const NO_LEASE = { leaseUntil: undefined, leaseId: undefined };

/** Invariant 6: counts the attempt before the call, so that every call that was perhaps made is counted. */
export function leaseForCall(queued: Activation, leaseId: string, now: number, policy: Policy): Activation {
  const leaseUntil = now + policy.leaseMs;
  return { ...queued, attempts: queued.attempts + 1, leaseUntil, leaseId, updatedAt: now };
}

/** Volcengine accepted the call. From now on only DescribeFlowLogs or the pending deadline ends the activation. */
export function accept(
  leased: Activation,
  requestId: string,
  now: number,
  policy: Policy,
  asyncTaskId?: string,
): Activation {
  const task = asyncTaskId === undefined ? {} : { asyncTaskId };
  return {
    ...becomePending(leased, now, policy, { event: 'accepted', ...task }),
    accepted: true,
    requestId,
    ...task,
    lastError: undefined,
    submittedJoiners: leased.joiners.length,
    outbox: [...leased.outbox, `submitted#${leased.generation}`],
  };
}

/** The flow log is not in the status that the call starts from. The poller decides by the reply of DescribeFlowLogs. */
export function verifyFirst(leased: Activation, error: CallError, now: number, policy: Policy): Activation {
  return {
    ...becomePending(leased, now, policy, { event: 'verify', ...errorSummary(error) }),
    accepted: false,
    lastError: error,
  };
}

function becomePending(
  leased: Activation,
  now: number,
  policy: Policy,
  entry: Pick<HistoryEntry, 'event' | 'code' | 'httpStatus' | 'asyncTaskId'>,
): Activation {
  return {
    ...leased,
    status: 'pending',
    ...NO_LEASE,
    pendingAt: now,
    pendingDeadlineAt: now + policy.pendingDeadlineMs,
    absentAt: undefined,
    unansweredAt: undefined,
    dueAt: now,
    updatedAt: now,
    history: appendHistory(leased, now, entry),
  };
}

/** Moves `dueAt` by 1 ms, so that every poller reads the record: one that does not know the absence cannot clear it. */
export function recordAbsence(open: Activation, now: number): Activation {
  const { dueAt = now } = open;
  return { ...open, absentAt: now, unansweredAt: undefined, dueAt: dueAt + 1, updatedAt: now };
}

export function recordUnanswered(open: Activation, now: number): Activation {
  return { ...open, unansweredAt: now, updatedAt: now };
}

/** The same record if no absence is recorded. */
export function clearAbsence(open: Activation, now: number): Activation {
  if (open.absentAt === undefined) return open;
  return { ...open, absentAt: undefined, unansweredAt: undefined, updatedAt: now };
}
