import { type Activation, isOpen, type OutboxEntry, PUBLISHED_LIMIT } from './activation.ts';
import { appendHistory, errorSummary } from './history.ts';
import type { CallError, FailureReason } from './outcome.ts';
import { isRecent } from './policy.ts';
import { NO_LEASE } from './transitions.ts';

/* The transitions into the final states, and the clearing of the outbox. Pure functions, as in transitions.ts. */

export function complete(open: Activation, adopted: boolean, now: number): Activation {
  return finish(open, now, {
    status: 'completed',
    adopted,
    outbox: [...open.outbox, `completed#${open.generation}`],
    history: appendHistory(open, now, { event: adopted ? 'completed (adopted)' : 'completed' }),
  });
}

/** The event of the history entry of a failure. */
export function failedAs(reason: FailureReason): string {
  return `failed: ${reason}`;
}

export function fail(
  open: Activation,
  reason: FailureReason,
  now: number,
  error: CallError | undefined = open.lastError,
  by?: string,
): Activation {
  const entries: OutboxEntry[] = [`failed#${open.generation}`];
  if (reason !== 'cancelled') entries.push(`dead-letter#${open.generation}`);
  return finish(open, now, {
    status: 'failed',
    reason,
    lastError: error,
    outbox: [...open.outbox, ...entries],
    history: appendHistory(open, now, {
      event: failedAs(reason),
      ...(error && errorSummary(error)),
      ...(by !== undefined && { by }),
    }),
  });
}

/** A final activation is due at once. A `dueAt` that is already due is kept: each change costs two index writes. */
function finish(open: Activation, now: number, change: Partial<Activation>): Activation {
  const { dueAt = now } = open;
  const isAlreadyDue = dueAt <= now && isRecent(dueAt, now);
  return {
    ...open,
    ...change,
    ...NO_LEASE,
    pendingDeadlineAt: undefined,
    absentAt: undefined,
    unansweredAt: undefined,
    finishedAt: now,
    dueAt: isAlreadyDue ? dueAt : now,
    updatedAt: now,
  };
}

/**
 * Invariant 5: removes exactly the entries that were sent, and notes when (ms since the epoch). Removes `dueAt` only if
 * the activation is final and its outbox is empty. If the bus or the queue refused every remaining entry, `dueAt` is the
 * time of their next try.
 */
export function clearOutbox(activation: Activation, sent: ReadonlyMap<OutboxEntry, number>): Activation {
  const outbox = activation.outbox.filter((entry) => !sent.has(entry));
  const entries = activation.refused?.entries.filter((entry) => outbox.includes(entry)) ?? [];
  const refused = activation.refused && entries.length > 0 ? { ...activation.refused, entries } : undefined;
  const publications = [...sent].map(([entry, at]) => ({ entry, at }));
  const published = [...(activation.published ?? []), ...publications].slice(-PUBLISHED_LIMIT);
  // Only the submitted event names these joiners.
  const isSubmittedLeft = outbox.some((entry) => entry.startsWith('submitted#'));
  const submittedJoiners = isSubmittedLeft ? activation.submittedJoiners : undefined;
  const cleared = {
    ...activation,
    outbox,
    refused,
    submittedJoiners,
    ...(published.length > 0 && { published }),
  };
  if (isOpen(activation)) return cleared;
  if (outbox.length === 0) return { ...cleared, dueAt: undefined };
  return refused && entries.length === outbox.length ? { ...cleared, dueAt: refused.retryAt } : cleared;
}
