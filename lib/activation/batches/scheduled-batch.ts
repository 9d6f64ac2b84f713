import { batchPlanned } from '../../../events/batch-planned-v1.ts';
import type { EventPublisher } from '../model/ports.ts';
import { principal } from '../model/principal.ts';
import { PlanNotPublished } from './errors.ts';
import { type PlanView, viewOf } from './plan.ts';
import { inOneOrder, type Selector } from './selector.ts';
import { planBatch, type StartDeps, type StartedPlan, type StartLimit, startBatch } from './start-batch.ts';

/** One time at which a schedule fires. */
export type ScheduledBatch = {
  /** Its name, or the ARN of its rule or schedule. */
  schedule: string;
  /** For which it fires, ms since the epoch; however often, and however late, it does. */
  scheduledAt: number;
  selector: Selector;
  metadata: Record<string, string>;
};

const SCOPE = 'schedule';
const DRY_RUN_SCOPE = 'schedule in dry run';

/**
 * Starts what the selector matches, once for each time of the schedule: fired again, it goes on with the plan that
 * was stored first, and arrives at the same batches. Throws as startBatch does.
 */
export async function startScheduled(
  deps: StartDeps,
  scheduled: ScheduledBatch,
  limit: StartLimit,
): Promise<StartedPlan> {
  const { schedule, selector, metadata } = scheduled;
  const source = `schedule:${scheduleNameOf(schedule)}`;
  const idempotencyKey = keyOf(scheduled);
  const requestedBy = principal(source);
  return startBatch(
    deps,
    { callerScope: SCOPE, idempotencyKey, selector, metadata, source, requestedBy },
    limit,
  );
}

/**
 * Starts nothing: what would be started is stored as a plan and goes out as an event, the same for one time of the
 * schedule however often it fires. Throws PlanNotPublished when the bus has not taken it, and as planBatch does.
 */
export async function planScheduled(
  deps: StartDeps & { publisher: EventPublisher },
  scheduled: ScheduledBatch,
  limit: StartLimit,
): Promise<{ eventId: string } & PlanView> {
  const schedule = scheduleNameOf(scheduled.schedule);
  const { selector, metadata } = scheduled;
  const source = `schedule:${schedule}`;
  const by = { callerScope: DRY_RUN_SCOPE, source, requestedBy: principal(source) };
  const plan = await planBatch(deps, { ...by, idempotencyKey: keyOf(scheduled), selector, metadata }, limit);
  const view = viewOf(plan.flowLogs);
  const eventId = `${plan.planId}.planned`;
  const at = plan.createdAt;
  const scheduledAt = new Date(scheduled.scheduledAt).toISOString();
  const event = batchPlanned(eventId, at, {
    schedule,
    scheduledAt,
    selector: inOneOrder(plan.selector),
    ...view,
  });
  const body = JSON.stringify(event);
  const outcome = await deps.publisher.publish([{ id: eventId, type: event.type, at, body }]);
  if (!outcome.stored.has(eventId)) {
    throw new PlanNotPublished(eventId, outcome.refused.get(eventId) ?? outcome.cause);
  }
  return { eventId, ...view };
}

/** Of `arn:…:rule/nightly` and `arn:…:schedule/default/nightly` what stands behind the kind; anything else as it is. */
export function scheduleNameOf(schedule: string): string {
  return /^arn:[^/]*:(?:rule|schedule)\/(.+)$/.exec(schedule)?.[1] ?? schedule;
}

function keyOf({ schedule, scheduledAt }: ScheduledBatch): string {
  return JSON.stringify([schedule, scheduledAt]);
}
