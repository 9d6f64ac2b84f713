import type { Activation, FlowLogRef } from './activation.ts';
import { type Directed, directionOf } from './goal.ts';
import { appendHistory, errorSummary } from './history.ts';
import { activationIdOf } from './ids.ts';
import type { CallError } from './outcome.ts';
import type { Policy } from './policy.ts';
import { type Tracing, tracingOf } from './tracing.ts';
import { NO_LEASE } from './transitions.ts';

/* The transitions into `queued`, and those that keep it. Pure functions, as in transitions.ts. */

/** In the history. */
export const RETRY_NOW = 'retry now';

export type Opening = Directed &
  Tracing & {
    flowLog: FlowLogRef;
    batchId: string;
    source: string;
    requestedBy?: string | undefined;
    metadata: Record<string, string>;
    /** The planned turn of its job. It delays `dueAt`. */
    turnAt: number;
    /** The final record of the flow log that this one replaces. */
    previous?: Activation | undefined;
  };

export function openActivation(opening: Opening, now: number, policy: Policy): Activation {
  const deadlineAt = now + policy.activationDeadlineMs;
  return {
    ...opening.flowLog,
    ...directionOf(opening),
    activationId: activationIdOf(opening.flowLog, opening.batchId),
    batchId: opening.batchId,
    joiners: [],
    source: opening.source,
    ...(opening.requestedBy !== undefined && { requestedBy: opening.requestedBy }),
    ...tracingOf(opening),
    metadata: opening.metadata,
    status: 'queued',
    version: 1,
    generation: 1,
    attempts: 0,
    createdAt: now,
    updatedAt: now,
    queuedAt: now,
    deadlineAt,
    ...untrusted(opening, policy),
    history: [{ at: now, generation: 1, attempt: 0, event: 'opened' }],
    outbox: [],
    dueAt: queuedDueAt({ deadlineAt }, opening.turnAt, now, policy),
    archived: false,
  };
}

/** What an earlier record of the other direction has changed may be shown late: see `untrustedUntil`. */
function untrusted(
  { previous, desired }: Opening,
  { replicaLagMs }: Policy,
): Pick<Activation, 'untrustedUntil'> {
  if (previous === undefined) return {};
  const { finishedAt = previous.updatedAt } = previous;
  const until = previous.desired === desired ? previous.untrustedUntil : finishedAt + replicaLagMs;
  return until === undefined ? {} : { untrustedUntil: until };
}

/** Stays queued. The caller enqueues a job with this delay; `dueAt` is later than the job. */
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

/** From pending, not accepted, observed where a call can start from. Generation and ClientToken stay the same. */
export function returnToQueued(
  pending: Activation,
  observedStatus: string,
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
    history: appendHistory(pending, now, { event: `seen ${observedStatus}, queued again` }),
  };
}

/**
 * The next generation of a failed activation, with new deadlines and a new ClientToken. Its events name all joiners
 * again.
 */
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

/** Invariant 1: `dueAt` is moved first, then the job is enqueued. `turnAt`: see Opening. */
export function requeue(queued: Activation, turnAt: number, now: number, policy: Policy): Activation {
  return {
    ...queued,
    ...NO_LEASE,
    dueAt: queuedDueAt(queued, turnAt, now, policy),
    updatedAt: now,
  };
}

/** When the next call is planned, at the earliest. Undefined if none is, or a worker makes one now. */
export function nextAttemptAt(
  { status, dueAt, leaseUntil }: Pick<Activation, 'status' | 'dueAt' | 'leaseUntil'>,
  { requeueAfterMs }: Pick<Policy, 'requeueAfterMs'>,
): number | undefined {
  if (status !== 'queued' || dueAt === undefined || leaseUntil !== undefined) return undefined;
  return dueAt - requeueAfterMs;
}

/** Without a job on its way. The poller enqueues one. */
export function dueNow(queued: Activation, now: number): Activation {
  return { ...queued, dueAt: now, updatedAt: now };
}

/** A person wants the next call at the turn, not when its retry was planned. `turnAt`: see Opening. */
export function retryAtTurn(
  queued: Activation,
  by: string,
  turnAt: number,
  now: number,
  policy: Policy,
): Activation {
  return {
    ...requeue(queued, turnAt, now, policy),
    history: appendHistory(queued, now, { event: RETRY_NOW, by }),
  };
}

/** When a job enqueued for `enqueuedAt` counts as lost, but not later than the deadline. */
function queuedDueAt(
  { deadlineAt }: Pick<Activation, 'deadlineAt'>,
  enqueuedAt: number,
  now: number,
  policy: Policy,
): number {
  return Math.min(enqueuedAt + policy.requeueAfterMs, Math.max(deadlineAt, now));
}
