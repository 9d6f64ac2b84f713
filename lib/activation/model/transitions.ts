import type { Activation, FlowLogRef, HistoryEntry } from './activation.ts';
import { appendHistory, errorSummary } from './history.ts';
import { activationIdOf } from './ids.ts';
import type { CallError } from './outcome.ts';
import { type Policy, pacingDelayMs } from './policy.ts';

/*
 * The legal moves of the diagram in activation.ts, as pure functions from the record read to the record to be
 * written. Whether the move may still be made is decided by the store's condition, in the same write.
 * `version` is not touched here: the store increments it.
 */

/** For what is written by whoever ends a lease. */
export const NO_LEASE = { leaseUntil: undefined, leaseId: undefined };

export type Opening = {
  flowLog: FlowLogRef;
  batchId: string;
  source: string;
  requestedBy?: string | undefined;
  metadata: Record<string, string>;
  /** Its place in the line of its account: the job of the thousandth, and its safety net, wait for those before it. */
  position: number;
};

export function openActivation(opening: Opening, now: number, policy: Policy): Activation {
  const deadlineAt = now + policy.activationDeadlineMs;
  return {
    ...opening.flowLog,
    activationId: activationIdOf(opening.flowLog, opening.batchId),
    batchId: opening.batchId,
    joiners: [],
    source: opening.source,
    ...(opening.requestedBy !== undefined && { requestedBy: opening.requestedBy }),
    metadata: opening.metadata,
    status: 'queued',
    version: 1,
    generation: 1,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
    queuedAt: now,
    deadlineAt,
    history: [{ at: now, generation: 1, attempt: 0, event: 'opened' }],
    outbox: [],
    dueAt: queuedDueAt({ deadlineAt }, now + pacingDelayMs(opening.position, policy), now, policy),
    archived: false,
  };
}

/** Invariant 6: counted before the call is made, so that a call that was perhaps made is never uncounted. */
export function leaseForCall(queued: Activation, leaseId: string, now: number, policy: Policy): Activation {
  const leaseUntil = now + policy.leaseMs;
  return { ...queued, attempts: queued.attempts + 1, leaseUntil, leaseId, updatedAt: now };
}

/** Volcengine accepted the call: from here only DescribeFlowLogs, or the pending deadline, ends it. */
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

/** The flow log is not Inactive: the poller decides by what DescribeFlowLogs shows. */
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

/** Stays queued; a job is rung after the delay, and `dueAt` stands behind it. */
export function retryLater(
  leased: Activation,
  event: string,
  error: CallError,
  delayMs: number,
  now: number,
  policy: Policy,
): Activation {
  return {
    ...leased,
    ...NO_LEASE,
    lastError: error,
    dueAt: queuedDueAt(leased, now + delayMs, now, policy),
    updatedAt: now,
    history: appendHistory(leased, now, { event, ...errorSummary(error) }),
  };
}

/** From pending, not accepted, seen Inactive or Creating. The same generation: the same ClientToken. */
export function queueAgain(
  pending: Activation,
  seen: string,
  delayMs: number,
  now: number,
  policy: Policy,
): Activation {
  return {
    ...pending,
    status: 'queued',
    accepted: undefined,
    pendingAt: undefined,
    pendingDeadlineAt: undefined,
    absentAt: undefined,
    unansweredAt: undefined,
    dueAt: queuedDueAt(pending, now + delayMs, now, policy),
    updatedAt: now,
    history: appendHistory(pending, now, { event: `seen ${seen}, queued again` }),
  };
}

/** The next generation of a failed one, with deadlines and a ClientToken of its own; who joined hears of it again. */
export function reopen(failed: Activation, by: string, now: number, policy: Policy): Activation {
  const generation = failed.generation + 1;
  const deadlineAt = now + policy.activationDeadlineMs;
  return {
    ...failed,
    status: 'queued',
    generation,
    attempts: 0,
    queuedAt: now,
    updatedAt: now,
    deadlineAt,
    dueAt: queuedDueAt({ deadlineAt }, now, now, policy),
    outbox: [],
    history: appendHistory({ ...failed, generation, attempts: 0 }, now, { event: 'redriven', by }),
    accepted: undefined,
    requestId: undefined,
    asyncTaskId: undefined,
    pendingAt: undefined,
    pendingDeadlineAt: undefined,
    submittedJoiners: undefined,
    finishedAt: undefined,
    reason: undefined,
    lastError: undefined,
    adopted: undefined,
  };
}

/** Invariant 1: first the safety net is moved, then the job is rung. `position`: its place in the line of its account. */
export function requeue(queued: Activation, position: number, now: number, policy: Policy): Activation {
  const enqueuedAt = now + pacingDelayMs(position, policy);
  return {
    ...queued,
    ...NO_LEASE,
    dueAt: queuedDueAt(queued, enqueuedAt, now, policy),
    updatedAt: now,
  };
}

export function noteAbsent(open: Activation, now: number): Activation {
  return { ...open, absentAt: now, unansweredAt: undefined, updatedAt: now };
}

export function noteUnanswered(open: Activation, now: number): Activation {
  return { ...open, unansweredAt: now, updatedAt: now };
}

export function notePresent(open: Activation, now: number): Activation {
  return { ...open, absentAt: undefined, unansweredAt: undefined, updatedAt: now };
}

/** When a job rung at `enqueuedAt` counts as lost; at the deadline at the latest. */
function queuedDueAt(
  { deadlineAt }: Pick<Activation, 'deadlineAt'>,
  enqueuedAt: number,
  now: number,
  policy: Policy,
): number {
  return Math.min(enqueuedAt + policy.requeueAfterMs, Math.max(deadlineAt, now));
}
