import type { FlowLogRef } from '../model/activation.ts';
import { sha256 } from '../model/ids.ts';
import { canonicalSelector, type FlowLogDetail, type Selector } from './selector.ts';

/** What is to become of a flow log that a selector matches. */
export const PLAN_CATEGORIES = [
  /** It has a status that is asked for, and nothing is in the way. */
  'wouldActivate',
  /** An activation of ours is open: the batch would join it. */
  'alreadyOpen',
  'alreadyActive',
  /** Locked by Volcengine: an activation would only fail. */
  'frozen',
  'deleting',
  /** It has a status that is not asked for. */
  'otherStatus',
] as const;

export type PlanCategory = (typeof PLAN_CATEGORIES)[number];

/** Ids in ascending order, each in one category. */
export type PlannedFlowLogs = Record<PlanCategory, string[]>;

/** That the plan is being carried out, since when, and as whose request. It never stops being so. */
export type PlanExecution = {
  at: number;
  source: string;
  /** Who carries it out, see principal.ts; absent in plans of versions up to 0.3. */
  requestedBy?: string;
  metadata: Record<string, string>;
};

/** What a selector matched at one time. Stored whole, before anything of it is started. Times in ms since the epoch. */
export type Plan = {
  planId: string;
  /** Of the request: the same idempotency key with another one is refused. */
  requestHash: string;
  /** Who made it, see principal.ts; absent in plans of versions up to 0.3. */
  requestedBy?: string;
  selector: Selector;
  metadata: Record<string, string>;
  flowLogs: PlannedFlowLogs;
  createdAt: number;
  execution?: PlanExecution;
};

export const PLAN_ID = /^p-[a-f0-9]{32}$/;

/** As long as its batches are kept, so that a replay starts nothing twice. */
export const PLAN_LIFE_MS = 90 * 86_400_000;

/** Of each category in answers and events; the stored plan has them all. */
const SHOWN_LIMIT = 100;

/** The same for the same caller and key, for ever; never that of a batch. */
export function derivePlanId(callerScope: string, idempotencyKey: string): string {
  return `p-${sha256(JSON.stringify(['plan', callerScope, idempotencyKey]), 'hex').slice(0, 32)}`;
}

/** The order of tags, statuses and metadata keys does not make another request. */
export function requestHashOf(selector: Selector, metadata: Record<string, string>, dryRun: boolean): string {
  return sha256(JSON.stringify([canonicalSelector(selector), sortedMetadata(metadata), dryRun]), 'hex');
}

export function sortedMetadata(metadata: Record<string, string>): [string, string][] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `open`: our own activation of it is. An Active flow log needs nothing, even if it is locked. */
export function categoryOf(flowLog: FlowLogDetail, open: boolean, selector: Selector): PlanCategory {
  if (open) return 'alreadyOpen';
  if (flowLog.status === 'Active') return 'alreadyActive';
  if (flowLog.status === 'Deleting') return 'deleting';
  if (flowLog.locked) return 'frozen';
  const wanted: readonly string[] = selector.status;
  return wanted.includes(flowLog.status) ? 'wouldActivate' : 'otherStatus';
}

/** What carrying out the plan starts or joins, in ascending order of the id. */
export function startable({ wouldActivate, alreadyOpen }: PlannedFlowLogs): string[] {
  return [...wouldActivate, ...alreadyOpen].sort();
}

export function refsOf({ account, region }: Selector, flowLogIds: string[]): FlowLogRef[] {
  return flowLogIds.map((flowLogId) => ({ account, region, flowLogId }));
}

export type PlanView = {
  counts: Record<PlanCategory, number>;
  ids: PlannedFlowLogs;
  /** Whether there are more ids than are shown. */
  more: boolean;
};

/** What is told of a plan: all the counts, and the first hundred ids of each category. */
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
