import { batchPlanned } from '../../../events/batch-planned-v1.ts';
import { AccountPaused } from '../model/errors.ts';
import type { EventPublisher } from '../model/message-ports.ts';
import type { RunNotes } from '../model/ports.ts';
import { principal } from '../model/principal.ts';
import { type Tracing, tracingOf } from '../model/tracing.ts';
import { PlanNotPublished } from './errors.ts';
import { type PlanView, viewOf } from './plan.ts';
import { inFixedOrder, type Selector } from './selector.ts';
import { planBatch, type StartDeps, type StartedPlan, type StartLimit, startBatch } from './start-batch.ts';

/** One run of a schedule. */
export type ScheduledBatch = Tracing & {
  /** The name of the schedule, or the ARN of the rule or schedule. */
  schedule: string;
  /** The planned time of the run, in ms since the epoch. It is the same for a late or repeated event. */
  scheduledAt: number;
  selector: Selector;
  metadata: Record<string, string>;
};

const SCOPE = 'schedule';
const DRY_RUN_SCOPE = 'schedule in dry run';
/** Of ids in a log line. */
const SHOWN = 5;

/**
 * Starts the flow logs that the selector matches, once for each run of the schedule. A repeated event for the same run
 * continues with the plan that was stored first and returns the same batches. What is frozen is skipped, with a warning in
 * the log. Throws the errors of startBatch.
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
  const started = await startBatch(
    deps,
    { callerScope: SCOPE, idempotencyKey, selector, metadata, source, requestedBy, ...tracingOf(scheduled) },
    limit,
  );
  const { planId, flowLogs } = started.plan;
  const { frozen } = flowLogs;
  if (frozen.length > 0) {
    const flowLogIds = frozen.slice(0, SHOWN);
    deps.log.warn('the schedule skipped frozen flow logs', {
      source,
      planId,
      frozen: frozen.length,
      flowLogIds,
    });
  }
  return started;
}

/**
 * Stores the flow logs that would be started as a plan and publishes it as an event. Starts nothing. A repeated event for
 * the same run publishes the same bytes. Throws PlanNotPublished, and the errors of planBatch.
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
    selector: inFixedOrder(plan.selector),
    ...view,
  });
  const body = JSON.stringify(event);
  const outcome = await deps.publisher.publish([
    { id: eventId, type: event.type, at, body, ids: { planId: plan.planId } },
  ]);
  if (!outcome.stored.has(eventId)) {
    throw new PlanNotPublished(eventId, outcome.refused.get(eventId) ?? outcome.cause);
  }
  return { eventId, ...view };
}

/**
 * Runs a schedule, unless its account is paused: then the run is skipped, with a warning in the log and a note in the
 * status, which lasts until the schedule has run. A person has paused the account, so that is no failure, and a
 * repetition while it is paused could not succeed. Throws the errors of `run`.
 */
export async function unlessPaused<Result>(
  { schedules, log }: { schedules: RunNotes } & Pick<StartDeps, 'log'>,
  { schedule, scheduledAt, selector: { account } }: ScheduledBatch,
  run: () => Promise<Result>,
): Promise<Result | { skipped: 'account-paused' }> {
  const name = scheduleNameOf(schedule);
  try {
    const result = await run();
    await schedules.scheduleRan(account, name);
    return result;
  } catch (error) {
    if (!(error instanceof AccountPaused)) throw error;
    await schedules.scheduleRan(account, name, scheduledAt);
    const at = new Date(scheduledAt).toISOString();
    log.warn('the schedule skipped a run: its account is paused', {
      schedule: name,
      scheduledAt: at,
      account,
    });
    return { skipped: 'account-paused' };
  }
}

/**
 * `arn:…:rule/nightly` → `nightly`, `arn:…:schedule/default/nightly` → `default/nightly`. Other texts are not changed.
 */
export function scheduleNameOf(schedule: string): string {
  return /^arn:[^/]*:(?:rule|schedule)\/(.+)$/.exec(schedule)?.[1] ?? schedule;
}

function keyOf({ schedule, scheduledAt }: ScheduledBatch): string {
  return JSON.stringify([schedule, scheduledAt]);
}
