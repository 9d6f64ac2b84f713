import { type Activation, isOpen, type OutboxEntry } from './activation.ts';
import { appendHistory, errorSummary } from './history.ts';
import type { CallError, FailureReason } from './outcome.ts';
import { isRecent } from './policy.ts';
import { NO_LEASE } from './transitions.ts';

/* The moves into the final states, and what is left to do there: telling. Pure, like those in transitions.ts. */

export function complete(open: Activation, adopted: boolean, now: number): Activation {
  return finish(open, now, {
    status: 'completed',
    adopted,
    outbox: [...open.outbox, `completed#${open.generation}`],
    history: appendHistory(open, now, { event: adopted ? 'completed (adopted)' : 'completed' }),
  });
}

export function fail(
  open: Activation,
  reason: FailureReason,
  now: number,
  error: CallError | undefined = open.lastError,
  by?: string,
): Activation {
  const facts: OutboxEntry[] = [`failed#${open.generation}`];
  if (reason !== 'cancelled') facts.push(`dead-letter#${open.generation}`);
  return finish(open, now, {
    status: 'failed',
    reason,
    lastError: error,
    outbox: [...open.outbox, ...facts],
    history: appendHistory(open, now, {
      event: `failed: ${reason}`,
      ...(error && errorSummary(error)),
      ...(by !== undefined && { by }),
    }),
  });
}

/** Due at once: most have been so since they were pending, and a change of `dueAt` costs two writes of its index. */
function finish(open: Activation, now: number, change: Partial<Activation>): Activation {
  const { dueAt = now } = open;
  const isDueAlready = dueAt <= now && isRecent(dueAt, now);
  return {
    ...open,
    ...change,
    ...NO_LEASE,
    absentAt: undefined,
    unansweredAt: undefined,
    finishedAt: now,
    dueAt: isDueAlready ? dueAt : now,
    updatedAt: now,
  };
}

/**
 * Invariant 5: removes just what was sent. `dueAt` goes only when it is final and nothing is left to tell; when all that is
 * left was refused, it is due with that.
 */
export function clearOutbox(activation: Activation, sent: ReadonlySet<OutboxEntry>): Activation {
  const outbox = activation.outbox.filter((entry) => !sent.has(entry));
  const entries = activation.refused?.entries.filter((entry) => outbox.includes(entry)) ?? [];
  const refused = activation.refused && entries.length > 0 ? { ...activation.refused, entries } : undefined;
  const left = { ...activation, outbox, refused };
  if (isOpen(activation)) return left;
  if (outbox.length === 0) return { ...left, dueAt: undefined };
  return refused && entries.length === outbox.length ? { ...left, dueAt: refused.retryAt } : left;
}
