import { IdempotencyKeyReused } from '../model/errors.ts';
import type { ScopeCheck } from '../model/ports.ts';
import { sortedEntries } from '../model/sorted-entries.ts';
import { type Tracing, tracingOf } from '../model/tracing.ts';
import type { RequestDeps } from '../request/request-activations.ts';
import { PlanExecutedOtherwise, PlanOutdated, ScopeRefused } from './errors.ts';
import { derivePlanId, type Plan, type PlanExecution, type PlannedFlowLogs, requestHashOf } from './plan.ts';
import { type PlanDeps, planFlowLogs } from './plan-batch.ts';
import { differenceOf } from './plan-difference.ts';
import type { PlanStore } from './ports.ts';
import { readPlan } from './read-plan.ts';
import type { SelectionLimit } from './select-flow-logs.ts';
import type { Selector } from './selector.ts';
import { type StartedBatch, startPlanned } from './start-planned.ts';

export type StartDeps = PlanDeps &
  RequestDeps & {
    plans: PlanStore;
    /** Returns a random id in the form of PLAN_ID, for a request without an idempotency key. */
    newPlanId: () => string;
    scopeRefusal: ScopeCheck;
  };

export type SelectorRequest = Tracing & {
  /** The caller. Idempotency keys of different callers do not collide. */
  callerScope: string;
  idempotencyKey?: string;
  selector: Selector;
  metadata: Record<string, string>;
  source: string;
  /** The principal, see principal.ts. A repeated request keeps the first one. */
  requestedBy: string;
};

/**
 * `flowLogs`: how many flow logs one request may read. Times in ms since the epoch. The poller opens what is not opened
 * by `openUntil`.
 */
export type StartLimit = { flowLogs: number; selectBy: number; openUntil: number };

export type StartedPlan = { plan: Plan; batches: StartedBatch[] };

/**
 * Stores the matching flow logs as a plan and starts nothing. Repeated with the same key, it returns the stored plan.
 * Throws IdempotencyKeyReused, and the errors of selectFlowLogs.
 */
export async function planBatch(deps: StartDeps, request: SelectorRequest, limit: StartLimit): Promise<Plan> {
  return findOrStore(deps, request, false, selectionOf(deps, request, limit));
}

/**
 * Stores the matching flow logs as a plan, then starts exactly these. After an interruption, a repetition with the same
 * key continues with the stored plan and returns the same batches.
 * Throws IdempotencyKeyReused, RequestUnfinished, and the errors of selectFlowLogs.
 */
export async function startBatch(
  deps: StartDeps,
  request: SelectorRequest,
  limit: StartLimit,
): Promise<StartedPlan> {
  const plan = await findOrStore(deps, request, true, selectionOf(deps, request, limit));
  return { plan, batches: await startPlanned(deps, plan, limit.openUntil) };
}

/**
 * The same for flow logs that the caller has selected and categorized. A repetition with the same key starts those of the
 * first time, whatever it is given. Throws IdempotencyKeyReused and RequestUnfinished.
 */
export async function startFlowLogs(
  deps: Pick<StartDeps, 'plans' | 'newPlanId'> & RequestDeps,
  request: SelectorRequest,
  flowLogs: PlannedFlowLogs,
  openUntil: number,
): Promise<StartedPlan> {
  const plan = await findOrStore(deps, request, true, async () => flowLogs);
  return { plan, batches: await startPlanned(deps, plan, openUntil) };
}

/**
 * Starts exactly the flow logs of the stored plan, if the selector still matches the same ones. After the plan is marked
 * as executed, a repetition does not select again: it continues and returns the same batches.
 * Throws NotFound, ScopeRefused, PlanOutdated, PlanExecutedOtherwise, RequestUnfinished, and the errors of selectFlowLogs.
 */
export async function executePlan(
  deps: StartDeps,
  request: Tracing & {
    planId: string;
    metadata?: Record<string, string>;
    source: string;
    requestedBy: string;
  },
  limit: StartLimit,
): Promise<StartedPlan> {
  const { planId, metadata, source, requestedBy } = request;
  const stored = await readPlan(deps, planId);
  const refusal = deps.scopeRefusal(stored.selector);
  if (refusal !== undefined) throw new ScopeRefused(refusal);
  const plan = stored.execution
    ? stored
    : await markUnlessOutdated(
        deps,
        stored,
        { source, requestedBy, metadata: metadata ?? stored.metadata, ...tracingOf(request) },
        limit,
      );
  const { execution } = plan;
  if (metadata && execution && !isSameMetadata(metadata, execution.metadata))
    throw new PlanExecutedOtherwise();
  return { plan, batches: await startPlanned(deps, plan, limit.openUntil) };
}

async function markUnlessOutdated(
  deps: StartDeps,
  plan: Plan,
  how: Omit<PlanExecution, 'at'>,
  limit: StartLimit,
): Promise<Plan> {
  const found = await planFlowLogs(deps, plan.selector, selectionLimit(limit));
  const difference = differenceOf(plan.flowLogs, found);
  const execution = { ...how, at: deps.now() };
  if (!difference && (await deps.plans.markExecuted(plan, execution))) {
    deps.log.info('plan executed', { planId: plan.planId, requestedBy: how.requestedBy });
    return { ...plan, execution };
  }
  // Another request may have executed the plan in between. Then its batches can cause the difference.
  const latest = await readPlan(deps, plan.planId);
  if (difference && !latest.execution) throw new PlanOutdated(difference);
  return latest;
}

function selectionOf(deps: PlanDeps, { selector }: SelectorRequest, limit: StartLimit) {
  return () => planFlowLogs(deps, selector, selectionLimit(limit));
}

async function findOrStore(
  deps: Pick<StartDeps, 'plans' | 'newPlanId' | 'now' | 'log'>,
  request: SelectorRequest,
  execute: boolean,
  select: () => Promise<PlannedFlowLogs>,
): Promise<Plan> {
  const { callerScope, idempotencyKey, selector, metadata, source, requestedBy } = request;
  const planId = idempotencyKey === undefined ? deps.newPlanId() : derivePlanId(callerScope, idempotencyKey);
  const requestHash = requestHashOf(selector, metadata, !execute);
  const known = idempotencyKey === undefined ? undefined : await deps.plans.read(planId, deps.now());
  if (known) return sameRequest(known, requestHash);

  const flowLogs = await select();
  const createdAt = deps.now();
  const execution = { at: createdAt, source, requestedBy, metadata, ...tracingOf(request) };
  const base = { planId, requestHash, requestedBy, selector, metadata, flowLogs, createdAt };
  const plan: Plan = execute ? { ...base, execution } : base;
  const earlier = await deps.plans.create(plan);
  if (earlier) return sameRequest(earlier, requestHash);
  deps.log.info('plan stored', { planId, requestedBy, executed: execute });
  return plan;
}

function sameRequest(plan: Plan, requestHash: string): Plan {
  if (plan.requestHash !== requestHash) throw new IdempotencyKeyReused();
  return plan;
}

function selectionLimit({ flowLogs, selectBy }: StartLimit): SelectionLimit {
  return { flowLogs, endAt: selectBy };
}

function isSameMetadata(a: Record<string, string>, b: Record<string, string>): boolean {
  return JSON.stringify(sortedEntries(a)) === JSON.stringify(sortedEntries(b));
}
