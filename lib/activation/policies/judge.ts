import type { FlowLogDetail } from '../batches/selector.ts';
import { type Activation, isOpen } from '../model/activation.ts';
import { goalOf } from '../model/goal.ts';
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
  policy: Pick<FlowLogPolicy, 'desired' | 'repair'>;
  windowOpen: boolean;
  mayDeactivate: boolean;
  replicaLagMs: number;
};

const KINDS: ReadonlyMap<string, GapKind> = new Map([
  ['Active', 'active'],
  ['Inactive', 'inactive'],
  ['Pending', 'pending'],
  ['Creating', 'creating'],
  ['Deleting', 'deleting'],
  ['Failed', 'failed'],
]);

/**
 * What a call can change, and what is waited for. ActiveFlowLog takes only what is Inactive; a lock that is being lifted
 * is no obstacle. DeactiveFlowLog takes only what is Active: what comes after a lock or a deletion is waited for.
 */
const WAYS: Record<FlowLogPolicy['desired'], Record<'repairable' | 'changing', ReadonlySet<GapKind>>> = {
  Active: { repairable: new Set(['inactive', 'restoring']), changing: new Set(['pending', 'creating']) },
  Inactive: {
    repairable: new Set(['active']),
    changing: new Set(['pending', 'creating', 'restoring', 'deleting']),
  },
};
const REPAIRING = { Active: 'activating', Inactive: 'deactivating' } as const;

/**
 * Undefined: as it is desired. A lock is checked first: a locked flow log collects nothing, whatever its status, and may be
 * Active again when the lock is lifted.
 */
export function kindOf(
  { status, locked, restoring }: FlowLogDetail,
  desired: FlowLogPolicy['desired'],
): GapKind | undefined {
  if (locked) return 'frozen';
  if (restoring && status === 'Inactive') return 'restoring';
  if (status === desired) return undefined;
  return KINDS.get(status) ?? 'unknown-status';
}

/** The row of a flow log that is not excluded, and whether a repair is to be started for it. */
export function judge(facts: Facts, options: JudgeOptions): { row: Row; start: boolean } {
  const { flowLog, previous, readAt } = facts;
  const { desired } = options.policy;
  const kind = kindOf(flowLog, desired);
  const shown = shownOf(flowLog);
  const since = sinceOf(previous, readAt);
  if (kind === undefined) return { row: compliantRow(shown, since, facts, desired), start: false };
  const { repair, start = false } = repairOf(kind, since, facts, options);
  const activation = facts.activation === 'unreadable' ? undefined : facts.activation;
  const hasFailed = activation?.status === 'failed' && leadsTo(activation, desired);
  const isOfGap = activation && (isOpen(activation) || hasFailed);
  const row: Row = {
    ...shown,
    state: 'gap',
    kind,
    since,
    repair,
    ...(isOfGap && { activationId: activation.activationId }),
    ...(hasFailed && { failure: activation.reason ?? 'unexpected' }),
    ...(facts.contradictedBy.length > 0 && { contradictedBy: facts.contradictedBy }),
  };
  return { row, start };
}

/** Never after `readAt`, also if the clock of the run before was ahead. */
function sinceOf(previous: Row | undefined, readAt: number): number {
  return previous?.state === 'gap' ? Math.min(previous.since ?? readAt, readAt) : readAt;
}

function compliantRow(
  shown: ReturnType<typeof shownOf>,
  since: number,
  { previous, activation, readAt }: Facts,
  desired: FlowLogPolicy['desired'],
): Row {
  if (previous?.state !== 'gap' || previous.kind === undefined) {
    return { ...shown, state: 'compliant', ...(previous?.lastGap && { lastGap: previous.lastGap }) };
  }
  const { kind } = previous;
  const repairedBy =
    activation && activation !== 'unreadable' && hasRepaired(activation, since, desired)
      ? { activationId: activation.activationId }
      : {};
  return { ...shown, state: 'compliant', lastGap: { kind, since, endedAt: readAt, ...repairedBy } };
}

/** Not one that failed, leads the other way, or was done before the gap began. */
function hasRepaired(activation: Activation, since: number, desired: FlowLogPolicy['desired']): boolean {
  const { status, finishedAt = activation.updatedAt } = activation;
  if (status === 'failed' || !leadsTo(activation, desired)) return false;
  return isOpen(activation) || finishedAt >= since;
}

/** Whether it is a request for this state, not for the opposite one. */
export function leadsTo(activation: Activation, desired: FlowLogPolicy['desired']): boolean {
  return goalOf(activation).status === desired;
}

export function shownOf({ flowLogId, name, status, lockReason }: FlowLogDetail) {
  return { flowLogId, name, status, ...(lockReason !== undefined && { lockReason }) };
}

function repairOf(
  kind: GapKind,
  since: number,
  { activation, contradictedBy, readAt }: Facts,
  { policy, windowOpen, mayDeactivate, replicaLagMs }: JudgeOptions,
): { repair: RepairState; start?: boolean } {
  const { desired } = policy;
  if (activation && activation !== 'unreadable' && isOpen(activation)) {
    return { repair: leadsTo(activation, desired) ? REPAIRING[desired] : 'contradicted' };
  }
  if (WAYS[desired].changing.has(kind)) return { repair: 'waiting' };
  if (!WAYS[desired].repairable.has(kind)) return { repair: 'impossible' };
  if (contradictedBy.length > 0) return { repair: 'contradicted' };
  if (policy.repair === 'tell') return { repair: 'told' };
  if (desired === 'Inactive' && !mayDeactivate) return { repair: 'disabled' };
  // A store that this version cannot write, or a replica that may show the state before the activation ended.
  if (activation === 'unreadable') return { repair: 'later' };
  if (activation && readAt < triesAgainAt(activation, desired, since, replicaLagMs))
    return { repair: 'later' };
  return windowOpen ? { repair: REPAIRING[desired], start: true } : { repair: 'outside-window' };
}

/**
 * When a flow log whose last activation or deactivation is final may be changed again. How one in the opposite direction
 * ended does not matter. Policies that failed wait as long as the gap has lasted already, so that each failure doubles the
 * wait, up to a day. What a person has cancelled waits a day.
 */
function triesAgainAt(
  activation: Activation,
  desired: FlowLogPolicy['desired'],
  since: number,
  replicaLagMs: number,
): number {
  const { status, reason, requestedBy = '', finishedAt = activation.updatedAt } = activation;
  if (status === 'completed' || !leadsTo(activation, desired)) return finishedAt + replicaLagMs;
  if (reason === 'cancelled') return finishedAt + DAY_MS;
  if (!isPolicyPrincipal(requestedBy)) return finishedAt + replicaLagMs;
  return finishedAt + Math.min(DAY_MS, Math.max(replicaLagMs, finishedAt - since));
}
