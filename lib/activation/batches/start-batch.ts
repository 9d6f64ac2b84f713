import { IdempotencyKeyReused, NotFound } from '../model/errors.ts';
import type { ScopeCheck } from '../model/ports.ts';
import type { RequestDeps } from '../request/request-activations.ts';
import { PlanExecutedOtherwise, PlanOutdated, ScopeRefused } from './errors.ts';
import { derivePlanId, type Plan, type PlanExecution, requestHashOf, sortedMetadata } from './plan.ts';
import { type PlanDeps, planFlowLogs } from './plan-batch.ts';
import { differenceOf } from './plan-difference.ts';
import type { PlanStore } from './ports.ts';
import type { SelectionLimit } from './select-flow-logs.ts';
import type { Selector } from './selector.ts';
import { type StartedBatch, startPlanned } from './start-planned.ts';

export type StartDeps = PlanDeps &
  RequestDeps & {
    plans: PlanStore;
    /** A fresh id for a caller who gave no key, in the shape of PLAN_ID. */
    newPlanId: () => string;
    scopeRefusal: ScopeCheck;
  };

export type SelectorRequest = {
  /** Who asks: idempotency keys of different callers never collide. */
  callerScope: string;
  idempotencyKey?: string;
  selector: Selector;
  metadata: Record<string, string>;
  source: string;
  /** Who is kept as having asked, see principal.ts; of a repeated request the first one. */
  requestedBy: string;
};

/**
 * `flowLogs`: how many one request may look at. Times in ms since the epoch; what is not opened at `openUntil` is left
 * to the poller.
 */
export type StartLimit = { flowLogs: number; selectBy: number; openUntil: number };

export type StartedPlan = { plan: Plan; batches: StartedBatch[] };

/**
 * Stores what the selector matches, and starts nothing. Repeated with the same key it answers the stored plan.
 * Throws IdempotencyKeyReused, and as selectFlowLogs does.
 */
export async function planBatch(deps: StartDeps, request: SelectorRequest, limit: StartLimit): Promise<Plan> {
  return findOrStore(deps, request, limit, false);
}

/**
 * Stores what the selector matches, then starts exactly that. Whatever interrupts it, repeating it with the same
 * key goes on with the stored plan and arrives at the same batches.
 * Throws IdempotencyKeyReused, RequestUnfinished, and as selectFlowLogs does.
 */
export async function startBatch(
  deps: StartDeps,
  request: SelectorRequest,
  limit: StartLimit,
): Promise<StartedPlan> {
  const plan = await findOrStore(deps, request, limit, true);
  return { plan, batches: await startPlanned(deps, plan, limit.openUntil) };
}

/**
 * Starts exactly what the stored plan says, if the selector still matches just that. Once begun, repeating it
 * does not look again: it goes on, and answers the same batches.
 * Throws NotFound, ScopeRefused, PlanOutdated, PlanExecutedOtherwise, RequestUnfinished, and as selectFlowLogs does.
 */
export async function executePlan(
  deps: StartDeps,
  request: { planId: string; metadata?: Record<string, string>; source: string; requestedBy: string },
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
        { source, requestedBy, metadata: metadata ?? stored.metadata },
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
    deps.log.info('plan carried out', { planId: plan.planId, requestedBy: how.requestedBy });
    return { ...plan, execution };
  }
  // Someone else may have begun meanwhile: then what differs is their doing.
  const latest = await readPlan(deps, plan.planId);
  if (difference && !latest.execution) throw new PlanOutdated(difference);
  return latest;
}

async function findOrStore(
  deps: StartDeps,
  request: SelectorRequest,
  limit: StartLimit,
  execute: boolean,
): Promise<Plan> {
  const { callerScope, idempotencyKey, selector, metadata, source, requestedBy } = request;
  const planId = idempotencyKey === undefined ? deps.newPlanId() : derivePlanId(callerScope, idempotencyKey);
  const requestHash = requestHashOf(selector, metadata, !execute);
  const known = idempotencyKey === undefined ? undefined : await deps.plans.read(planId, deps.now());
  if (known) return sameRequest(known, requestHash);

  const flowLogs = await planFlowLogs(deps, selector, selectionLimit(limit));
  const createdAt = deps.now();
  const execution = { at: createdAt, source, requestedBy, metadata };
  const base = { planId, requestHash, requestedBy, selector, metadata, flowLogs, createdAt };
  const plan: Plan = execute ? { ...base, execution } : base;
  const earlier = await deps.plans.create(plan);
  if (earlier) return sameRequest(earlier, requestHash);
  deps.log.info('plan stored', { planId, requestedBy, carriedOut: execute });
  return plan;
}

function sameRequest(plan: Plan, requestHash: string): Plan {
  if (plan.requestHash !== requestHash) throw new IdempotencyKeyReused();
  return plan;
}

async function readPlan(deps: StartDeps, planId: string): Promise<Plan> {
  const plan = await deps.plans.read(planId, deps.now());
  if (plan === undefined) throw new NotFound('plan');
  return plan;
}

function selectionLimit({ flowLogs, selectBy }: StartLimit): SelectionLimit {
  return { flowLogs, endAt: selectBy };
}

function isSameMetadata(a: Record<string, string>, b: Record<string, string>): boolean {
  return JSON.stringify(sortedMetadata(a)) === JSON.stringify(sortedMetadata(b));
}
