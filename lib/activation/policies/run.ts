import type { FailureReason } from '../model/outcome.ts';
import type { FlowLogPolicy, Scope } from './policy.ts';

/** Why a flow log is not in the desired state. Closed list, documented in docs/guides/policies.md. */
export const GAP_KINDS = [
  'inactive',
  /** The policy wants it Inactive. */
  'active',
  /** Inactive while Volcengine lifts a lock after a payment. */
  'restoring',
  'pending',
  'creating',
  'failed',
  /** Locked: it collects nothing, whatever its status. */
  'frozen',
  'deleting',
  /** The run before showed it, DescribeFlowLogs does not any more. */
  'gone',
  'unknown-status',
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

/** What happens with a gap. */
export const REPAIR_STATES = [
  /** An activation is open, by this policy or by somebody else. */
  'activating',
  /** A deactivation is open, by this policy or by somebody else. */
  'deactivating',
  /** Volcengine is changing the flow log. */
  'waiting',
  /** The policy only tells. */
  'told',
  /** This deployment deactivates nothing, or not while a policy cannot be read. */
  'disabled',
  'outside-window',
  /** In a later run: its last activation failed or was cancelled not long ago, or the window is too short for all. */
  'later',
  /** Another policy wants another state, so that neither changes it; or an open request leads the other way. */
  'contradicted',
  /** No call can change it. */
  'impossible',
] as const;
export type RepairState = (typeof REPAIR_STATES)[number];

/** In the order of a report. */
export const ROW_STATES = ['gap', 'excluded', 'compliant'] as const;
export type RowState = (typeof ROW_STATES)[number];

/** A flow log in a run. It is the same from run to run while nothing changes. Times in ms since the epoch. */
export type Row = {
  flowLogId: string;
  name: string;
  /** As DescribeFlowLogs shows it. */
  status: string;
  lockReason?: string;
  state: RowState;
  /** Of a gap. `since`: when a run first saw that it is not in the desired state. */
  kind?: GapKind;
  since?: number;
  repair?: RepairState;
  /** The latest activation since the gap began, and why it failed. */
  activationId?: string;
  failure?: FailureReason;
  contradictedBy?: string[];
  /** The number of the rule in the policy begins at 1. */
  excludedBy?: { rule: number; reason: string; until?: number };
  /** The latest gap that ended. With an activation it was repaired, else it ended by itself. */
  lastGap?: { kind: GapKind; since: number; endedAt: number; activationId?: string };
};

/** Rows of one state that are stored together. Equal rows have the same id. */
export type PageRef = { id: string; state: RowState; rows: number; storedAt: number };

export type Counts = Record<RowState, number> & { repaired: number };
type Kinds = Partial<Record<GapKind, number>>;

/** What a run found in one account and region. */
export type ScopeResult = Scope & {
  /** When the calls began that `pages` rest on; undefined if it was never read. */
  readAt?: number;
  pages: PageRef[];
  counts: Counts;
  kinds: Kinds;
  /** How many flow logs each exclusion matched. */
  excluded: number[];
  /** It could not be read in this run. Then the rest is of an earlier run, and not part of this one. */
  unread?: { code: string; since: number };
};

export type Unread = Scope & { code: string; since: number };

/** `matched` in the accounts and regions that were read. `stale`: it matches nothing in any of them, and all were read. */
export type ExclusionResult = {
  rule: number;
  reason: string;
  until?: number;
  matched: number;
  state: 'applied' | 'stale' | 'ended' | 'unknown';
};

export type GapRow = Scope & Row;

/** A run that has ended. It never changes. Times in ms since the epoch. */
export type Run = {
  policy: string;
  runId: string;
  plannedAt: number;
  startedAt: number;
  finishedAt: number;
  desired: FlowLogPolicy['desired'];
  repair: FlowLogPolicy['repair'];
  everyMs: number;
  /** Whether it could change something when it ended. */
  windowOpen: boolean;
  selectionHash: string;
  counts: Counts;
  kinds: Kinds;
  exclusions: ExclusionResult[];
  scopes: ScopeResult[];
  firstGaps: GapRow[];
};

/** 400 days, as archived activations. */
export const RUN_LIFE_MS = 400 * 86_400_000;

/** Sorts by time, and is one word in a path. */
export function runIdOf(plannedAt: number): string {
  return new Date(plannedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

export const RUN_ID = /^\d{8}T\d{6}Z$/;

export const noCounts = (): Counts => ({ gap: 0, excluded: 0, compliant: 0, repaired: 0 });

export function unreadOf({ scopes }: Pick<Run, 'scopes'>): Unread[] {
  return scopes.flatMap(({ account, region, unread }) => (unread ? [{ account, region, ...unread }] : []));
}

/** A run that nobody could end for so long is given up for a new one. Its policy may have been removed. */
const OPEN_MS = 86_400_000;

/** Whether an open run will still be ended. */
export function isGoingOn({ startedAt }: { startedAt: number }, now: number): boolean {
  return Math.abs(now - startedAt) < OPEN_MS;
}
