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
 * The next record of a completed activation after DescribeFlowLogs showed `view` (undefined: absent, for good); the
 * same record when nothing changes. A drift is noted once, by what it is first seen as, and ends when the flow log is
 * seen Active. Pending says nothing: someone is activating it. Nor does Inactive while a lock is being lifted.
 * While something is still to be told the record stays as it is, for that is told from it. What the bus has refused is
 * not waited for: a drift changes nothing that it is told from, but for the event of the drift before.
 */
export function decideDrift(
  completed: Activation,
  view: FlowLogView | undefined,
  seenAt: number,
): Activation {
  const { outbox, refused, drift } = completed;
  if (outbox.some((entry) => !refused?.entries.includes(entry))) return completed;
  const kind = kindOf(view);
  const isDrifted = drift !== undefined && drift.endedAt === undefined;
  if (kind === 'none') return isDrifted ? recover(completed, drift, seenAt) : completed;
  if (outbox.some((entry) => entry.startsWith('drifted#'))) return completed;
  return kind === 'unknown' || isDrifted ? completed : begin(completed, kind, view, seenAt);
}

/** Frozen is told apart first: a locked flow log collects nothing, whatever status it shows. */
function kindOf(view: FlowLogView | undefined): DriftKind | 'none' | 'unknown' {
  if (view === undefined) return 'gone';
  if (view.locked) return 'frozen';
  if (view.status === 'Active') return 'none';
  if (view.status === 'Pending' || (view.restoring && view.status === 'Inactive')) return 'unknown';
  return KINDS.get(view.status) ?? 'other';
}

function begin(
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
      ...(view && { status: cut(view.status, STATUS_LIMIT) }),
      ...(view?.lockReason && { lockReason: cut(view.lockReason, MESSAGE_LIMIT) }),
      detectedAt,
    },
    outbox: [...completed.outbox, `drifted#${ordinal}`],
    dueAt: detectedAt,
    updatedAt: detectedAt,
    history: appendHistory(completed, detectedAt, { event: `drifted: ${kind}` }),
  };
}

/**
 * Whether a final record has moved on from another one of the same activation: by a redrive, or by what has been seen
 * of a drift. Nothing else of it changes, but what is still to be told.
 */
export function hasMovedOn(one: Activation, from: Activation): boolean {
  if (one.generation !== from.generation) return one.generation > from.generation;
  const ordinal = one.drift?.ordinal ?? 0;
  const earlier = from.drift?.ordinal ?? 0;
  if (ordinal !== earlier) return ordinal > earlier;
  return one.drift?.endedAt !== undefined && from.drift?.endedAt === undefined;
}

function recover(completed: Activation, drift: Drift, endedAt: number): Activation {
  return {
    ...completed,
    drift: { ...drift, endedAt },
    updatedAt: endedAt,
    history: appendHistory(completed, endedAt, { event: 'drift ended' }),
  };
}

function cut(text: string, limit: number): string {
  return text.slice(0, limit).toWellFormed();
}
