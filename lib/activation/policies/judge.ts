import type { FlowLogDetail } from '../batches/selector.ts';
import { type Activation, isOpen } from '../model/activation.ts';
import { isPolicyPrincipal } from '../model/principal.ts';
import type { FlowLogPolicy } from './policy.ts';
import type { GapKind, RepairState, Row } from './run.ts';

const DAY_MS = 86_400_000;

/** What is known about a flow log that is shown and not excluded. Times in ms since the epoch. */
export type Facts = {
  flowLog: FlowLogDetail;
  /** Its row in the run before. */
  previous?: Row | undefined;
  /** Our current activation. Only read if the flow log is a gap, or was one. `unreadable`: there is one of another version. */
  activation?: Activation | 'unreadable' | undefined;
  contradictedBy: string[];
  /** When the first call of the scope began. */
  readAt: number;
};

export type JudgeOptions = {
  policy: Pick<FlowLogPolicy, 'repair'>;
  windowOpen: boolean;
  replicaLagMs: number;
};

const KINDS: ReadonlyMap<string, GapKind> = new Map([
  ['Inactive', 'inactive'],
  ['Pending', 'pending'],
  ['Creating', 'creating'],
  ['Deleting', 'deleting'],
  ['Failed', 'failed'],
]);

/** ActiveFlowLog takes only what is Inactive; a lock that is being lifted is no obstacle. */
const REPAIRABLE: ReadonlySet<GapKind> = new Set(['inactive', 'restoring']);
const CHANGING: ReadonlySet<GapKind> = new Set(['pending', 'creating']);

/** Undefined: Active. A lock is checked first: a locked flow log collects nothing, whatever its status. */
export function kindOf({ status, locked, restoring }: FlowLogDetail): GapKind | undefined {
  if (locked) return 'frozen';
  if (status === 'Active') return undefined;
  if (restoring && status === 'Inactive') return 'restoring';
  return KINDS.get(status) ?? 'unknown-status';
}

/** The row of a flow log that is not excluded, and whether an activation is to be started for it. */
export function judge(facts: Facts, options: JudgeOptions): { row: Row; start: boolean } {
  const { flowLog, previous, readAt } = facts;
  const kind = kindOf(flowLog);
  const shown = shownOf(flowLog);
  if (kind === undefined) return { row: compliantRow(shown, previous, readAt), start: false };
  const since = previous?.state === 'gap' ? (previous.since ?? readAt) : readAt;
  const { repair, start = false } = repairOf(kind, since, facts, options);
  const activation = facts.activation === 'unreadable' ? undefined : facts.activation;
  const isOfGap = activation && (isOpen(activation) || activation.status === 'failed');
  const row: Row = {
    ...shown,
    state: 'gap',
    kind,
    since,
    repair,
    ...(isOfGap && { activationId: activation.activationId }),
    ...(activation?.status === 'failed' && { failure: activation.reason ?? 'unexpected' }),
    ...(facts.contradictedBy.length > 0 && { contradictedBy: facts.contradictedBy }),
  };
  return { row, start };
}

function compliantRow(shown: ReturnType<typeof shownOf>, previous: Row | undefined, readAt: number): Row {
  const { kind, since = readAt, activationId } = previous ?? {};
  const lastGap =
    previous?.state === 'gap' && kind
      ? { kind, since, endedAt: readAt, ...(activationId !== undefined && { activationId }) }
      : previous?.lastGap;
  return { ...shown, state: 'compliant', ...(lastGap && { lastGap }) };
}

export function shownOf({ flowLogId, name, status, lockReason }: FlowLogDetail) {
  return { flowLogId, name, status, ...(lockReason !== undefined && { lockReason }) };
}

function repairOf(
  kind: GapKind,
  since: number,
  { activation, contradictedBy, readAt }: Facts,
  { policy, windowOpen, replicaLagMs }: JudgeOptions,
): { repair: RepairState; start?: boolean } {
  if (activation && activation !== 'unreadable' && isOpen(activation)) {
    return { repair: activation.desired === undefined ? 'activating' : 'contradicted' };
  }
  if (CHANGING.has(kind)) return { repair: 'waiting' };
  if (!REPAIRABLE.has(kind)) return { repair: 'impossible' };
  if (contradictedBy.length > 0) return { repair: 'contradicted' };
  if (policy.repair === 'tell') return { repair: 'told' };
  // A store that this version cannot write, or a replica that may show the state before the activation ended.
  if (activation === 'unreadable') return { repair: 'later' };
  if (activation && readAt < triesAgainAt(activation, since, replicaLagMs)) return { repair: 'later' };
  return windowOpen ? { repair: 'activating', start: true } : { repair: 'outside-window' };
}

/**
 * When a flow log whose last activation is final may be activated again. Policies that failed wait as long as the gap has
 * lasted already, so that each failure doubles the wait, up to a day. What a person has cancelled waits a day.
 */
function triesAgainAt(activation: Activation, since: number, replicaLagMs: number): number {
  const { status, reason, requestedBy = '', finishedAt = activation.updatedAt } = activation;
  if (status === 'completed') return finishedAt + replicaLagMs;
  if (reason === 'cancelled') return finishedAt + DAY_MS;
  if (!isPolicyPrincipal(requestedBy)) return finishedAt + replicaLagMs;
  return finishedAt + Math.min(DAY_MS, Math.max(replicaLagMs, finishedAt - since));
}
