import type { Activation, Drift, DriftKind } from '../model/activation.ts';
import { appendHistory } from '../model/history.ts';
import { type FlowLogView, MESSAGE_LIMIT } from '../model/outcome.ts';

const STATUS_LIMIT = 64;

const KINDS: ReadonlyMap<string, DriftKind> = new Map([
  ['Inactive', 'inactive'],
  ['Deleting', 'deleting'],
  ['Failed', 'failed'],
]);

/**
 * Returns the next record of a completed activation after DescribeFlowLogs showed `view` (undefined: gone), or the same
 * record if nothing changes. A drift is recorded once, with its first kind, and ends when the flow log is Active again.
 * Pending is ignored, because someone is activating the flow log; so is Inactive while a lock is being lifted.
 * The record does not change while its outbox has entries, because their events are built from it. Refused entries are
 * an exception: a new drift changes none of their fields, except those of an earlier drifted event.
 */
export function decideDrift(
  completed: Activation,
  view: FlowLogView | undefined,
  observedAt: number,
): Activation {
  const { outbox, refused, drift } = completed;
  if (outbox.some((entry) => !refused?.entries.includes(entry))) return completed;
  const kind = kindOf(view);
  const isDrifted = drift !== undefined && drift.endedAt === undefined;
  if (kind === 'none') return isDrifted ? endDrift(completed, drift, observedAt) : completed;
  if (outbox.some((entry) => entry.startsWith('drifted#'))) return completed;
  return kind === 'unknown' || isDrifted ? completed : startDrift(completed, kind, view, observedAt);
}

/** A lock is checked first: a locked flow log collects nothing, whatever its status. */
function kindOf(view: FlowLogView | undefined): DriftKind | 'none' | 'unknown' {
  if (view === undefined) return 'gone';
  if (view.locked) return 'frozen';
  if (view.status === 'Active') return 'none';
  if (view.status === 'Pending' || (view.restoring && view.status === 'Inactive')) return 'unknown';
  return KINDS.get(view.status) ?? 'other';
}

function startDrift(
  completed: Activation,
  kind: DriftKind,
  view: FlowLogView | undefined,
  detectedAt: number,
): Activation {
  const ordinal = (completed.drift?.ordinal ?? 0) + 1;
  return {
    ...completed,
    drift: {
      ordinal,
      kind,
      ...(view && { status: truncate(view.status, STATUS_LIMIT) }),
      ...(view?.lockReason && { lockReason: truncate(view.lockReason, MESSAGE_LIMIT) }),
      detectedAt,
    },
    outbox: [...completed.outbox, `drifted#${ordinal}`],
    dueAt: detectedAt,
    updatedAt: detectedAt,
    history: appendHistory(completed, detectedAt, { event: `drifted: ${kind}` }),
  };
}

/**
 * Whether one final record of an activation is newer than another: by a redrive, a new drift, or the end of a drift.
 * Apart from the outbox, nothing else of a final record changes.
 */
export function isNewer(one: Activation, other: Activation): boolean {
  if (one.generation !== other.generation) return one.generation > other.generation;
  const ordinal = one.drift?.ordinal ?? 0;
  const otherOrdinal = other.drift?.ordinal ?? 0;
  if (ordinal !== otherOrdinal) return ordinal > otherOrdinal;
  return one.drift?.endedAt !== undefined && other.drift?.endedAt === undefined;
}

function endDrift(completed: Activation, drift: Drift, endedAt: number): Activation {
  return {
    ...completed,
    drift: { ...drift, endedAt },
    updatedAt: endedAt,
    history: appendHistory(completed, endedAt, { event: 'drift ended' }),
  };
}

function truncate(text: string, limit: number): string {
  return text.slice(0, limit).toWellFormed();
}
