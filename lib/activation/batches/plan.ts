import type { FlowLogRef } from '../model/activation.ts';
import { sha256 } from '../model/ids.ts';
import { sortedEntries } from '../model/sorted-entries.ts';
import type { Tracing } from '../model/tracing.ts';
import { canonicalSelector, type FlowLogDetail, type Selector } from './selector.ts';

/** What a plan does with a flow log that the selector matches. */
export const PLAN_CATEGORIES = [
  /** It has a selected status, and no other category applies. */
  'wouldActivate',
  /** We have an open activation for it. The batch would join this activation. */
  'alreadyOpen',
  'alreadyActive',
  /** Locked by Volcengine: an activation would fail. */
  'frozen',
  'deleting',
  /** Its status is not selected, or it is being deactivated. */
  'otherStatus',
] as const;

export type PlanCategory = (typeof PLAN_CATEGORIES)[number];

/** Ids in ascending order, each in one category. */
export type PlannedFlowLogs = Record<PlanCategory, string[]>;

/** When and by whom the plan was executed. Once set, it does not change. */
export type PlanExecution = Tracing & {
  at: number;
  source: string;
  /** The principal that executes it, see principal.ts. Absent in plans of versions up to 0.3. */
  requestedBy?: string;
  metadata: Record<string, string>;
};

/**
 * The flow logs that a selector matched at one time. Stored completely before anything is started. Times in ms since
 * the epoch.
 */
export type Plan = {
  planId: string;
  /** Hash of the request. The same idempotency key with another hash is refused. */
  requestHash: string;
  /** The principal that made it, see principal.ts. Absent in plans of versions up to 0.3. */
  requestedBy?: string;
  selector: Selector;
  metadata: Record<string, string>;
  flowLogs: PlannedFlowLogs;
  createdAt: number;
  execution?: PlanExecution;
};

export const PLAN_ID = /^p-[a-f0-9]{32}$/;

/** 90 days, as for its batches, so that a replay starts nothing twice. */
export const PLAN_LIFE_MS = 90 * 86_400_000;

/** Ids per category in responses and events. The stored plan has all ids. */
const SHOWN_LIMIT = 100;

/** Always the same for the same caller and key. Never equal to a batch id. */
export function derivePlanId(callerScope: string, idempotencyKey: string): string {
  return `p-${sha256(JSON.stringify(['plan', callerScope, idempotencyKey]), 'hex').slice(0, 32)}`;
}

/** The order of tags, statuses and metadata keys does not matter. */
export function requestHashOf(selector: Selector, metadata: Record<string, string>, dryRun: boolean): string {
  return sha256(JSON.stringify([canonicalSelector(selector), sortedEntries(metadata), dryRun]), 'hex');
}

/** `openedAs`: its category, if we have an open record for it. An Active flow log needs no activation, even if it is locked. */
export function categoryOf(
  flowLog: FlowLogDetail,
  openedAs: PlanCategory | undefined,
  selector: Selector,
): PlanCategory {
  if (openedAs) return openedAs;
  if (flowLog.status === 'Active') return 'alreadyActive';
  if (flowLog.status === 'Deleting') return 'deleting';
  if (flowLog.locked) return 'frozen';
  const wanted: readonly string[] = selector.status;
  return wanted.includes(flowLog.status) ? 'wouldActivate' : 'otherStatus';
}

/** The ids that the plan starts or joins, in ascending order. */
export function startable({ wouldActivate, alreadyOpen }: PlannedFlowLogs): string[] {
  return [...wouldActivate, ...alreadyOpen].sort();
}

export function refsOf(
  { account, region }: Pick<Selector, 'account' | 'region'>,
  flowLogIds: string[],
): FlowLogRef[] {
  return flowLogIds.map((flowLogId) => ({ account, region, flowLogId }));
}

export type PlanView = {
  counts: Record<PlanCategory, number>;
  ids: PlannedFlowLogs;
  /** Whether `ids` is not complete. */
  more: boolean;
};

/** The published part of a plan: all counts, and the first 100 ids of each category. */
export function viewOf(flowLogs: PlannedFlowLogs): PlanView {
  return {
    counts: eachCategory((category) => flowLogs[category].length),
    ids: eachCategory((category) => flowLogs[category].slice(0, SHOWN_LIMIT)),
    more: PLAN_CATEGORIES.some((category) => flowLogs[category].length > SHOWN_LIMIT),
  };
}

export function eachCategory<Value>(of: (category: PlanCategory) => Value): Record<PlanCategory, Value> {
  return {
    wouldActivate: of('wouldActivate'),
    alreadyOpen: of('alreadyOpen'),
    alreadyActive: of('alreadyActive'),
    frozen: of('frozen'),
    deleting: of('deleting'),
    otherStatus: of('otherStatus'),
  };
}
