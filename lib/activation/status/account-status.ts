import type { FlowLogRef } from '../model/activation.ts';
import { heldOf } from '../model/history.ts';
import { flowLogKey } from '../model/ids.ts';
import type { FailureReason } from '../model/outcome.ts';
import { nextAttemptAt } from '../model/queueing.ts';
import { FRESH, type QuotaNow, type QuotaState, quotaNow } from '../quota/quota-state.ts';
import type { Count, Sample, TableSample } from './ports.ts';

export const ACCOUNT_STATES = ['ok', 'held', 'paused', 'throttled'] as const;
export const REFUSED_ACTIONS = ['ActiveFlowLog', 'DescribeFlowLogs'] as const;
type RefusedAction = (typeof REFUSED_ACTIONS)[number];

/** Times in ms since the epoch. */
export type AccountStatus = {
  account: string;
  state: (typeof ACCOUNT_STATES)[number];
  /** Since when it is in this state, unless it is `ok`. */
  since?: number;
  /** Why it is held, and what is refused. */
  code?: string;
  action?: RefusedAction;
  /** Who paused it, and why. */
  by?: string;
  why?: string;
  /** The next try of an account that is held. */
  nextTryAt?: number;
  /** The rate now. */
  ratePerSecond: number;
  open: Count;
  pending: Count;
  /** The turn of its last job. Absent if none waits for its turn. */
  queuedUntil?: number;
  failed: { reason: FailureReason; count: Count }[];
  held: Count;
  drifted: Count;
  /** Runs that a pause has skipped, of schedules that have not run since. */
  skippedRuns: { schedule: string; scheduledAt: number }[];
};

type Options = { now: number; ratePerSecond: number; requeueAfterMs: number };

/** `quotas`: those that are stored. */
export function accountStatus(
  account: string,
  sample: TableSample,
  quotas: ReadonlyMap<string, QuotaState>,
  options: Options,
): AccountStatus {
  const quota = quotaNow(quotas.get(account) ?? FRESH, options.now, options.ratePerSecond);
  const failed = [...sample.failed].map(([reason, of]) => ({ reason, count: countOf(of, account) }));
  const held = countOf(sample.held, account);
  return {
    account,
    ...stateOf(account, held, sample, quota, options),
    ratePerSecond: quota.ratePerSecond,
    open: countOf(sample.open, account),
    pending: countOf(pendingIn(sample), account),
    ...(quota.plannedUntil !== undefined && { queuedUntil: quota.plannedUntil }),
    failed: failed.filter(({ count }) => count.count > 0),
    held,
    drifted: countOf(sample.drifted, account),
    skippedRuns: Object.entries(quotas.get(account)?.skippedRuns ?? {}).map(([schedule, scheduledAt]) => ({
      schedule,
      scheduledAt,
    })),
  };
}

function stateOf(
  account: string,
  held: Count,
  { oldestHeld }: TableSample,
  { pause, refusal, slowedAt }: QuotaNow,
  options: Options,
): Pick<AccountStatus, 'state' | 'since' | 'code' | 'action' | 'by' | 'why' | 'nextTryAt'> {
  if (pause) {
    const { pausedAt: since, pausedBy: by, pausedWhy: why } = pause;
    return { state: 'paused', since, by, ...(why && { why }) };
  }
  const example = oldestHeld.find((one) => one.account === account);
  const cause = example && heldOf(example);
  if (cause) {
    const nextTryAt = nextAttemptAt(example, options);
    return {
      state: 'held',
      ...cause,
      action: 'ActiveFlowLog',
      ...(nextTryAt !== undefined && { nextTryAt }),
    };
  }
  if (held.count > 0) return { state: 'held' };
  if (refusal) {
    const { since, code } = refusal;
    return { state: 'held', since, code, action: 'DescribeFlowLogs' };
  }
  return slowedAt === undefined ? { state: 'ok' } : { state: 'throttled', since: slowedAt };
}

function countOf({ flowLogs, isCut }: Sample, account: string): Count {
  return toCount(flowLogs.filter((flowLog) => flowLog.account === account).length, isCut);
}

export function toCount(count: number, isCut: boolean): Count {
  return { count, ...(isCut && { atLeast: true }) };
}

/** Whether a flow log is among those of a sample. */
export function memberOf({ flowLogs }: Sample): (flowLog: FlowLogRef) => boolean {
  const keys = new Set(flowLogs.map(flowLogKey));
  return (flowLog) => keys.has(flowLogKey(flowLog));
}

/** An open activation that is due is pending. (One that is queued is due for a moment, if its job was lost.) */
function pendingIn({ open, due }: TableSample): Sample {
  return { flowLogs: due.flowLogs.filter(memberOf(open)), isCut: open.isCut || due.isCut };
}
