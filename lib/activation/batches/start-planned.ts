import { inChunks } from '../../runtime/concurrency.ts';
import { RecordUnreadable, type RequestUnfinished } from '../model/errors.ts';
import { deriveBatchId, flowLogKey } from '../model/ids.ts';
import { tracingOf } from '../model/tracing.ts';
import { openLargeBatch } from '../request/open-large-batch.ts';
import { type RequestDeps, storeBatch } from '../request/request-activations.ts';
import { activationsOf } from './finish-batch.ts';
import { type Plan, refsOf, startable } from './plan.ts';

export type StartedBatch = { batchId: string; total: number };

/** The most flow logs that one batch has. */
export const BATCH_LIMIT = 1_000;
const PLAN_SCOPE = 'plan';

/**
 * Starts the batches of a plan that is marked as executed, or continues them. It stores all batches first, then opens
 * their activations until `until` (ms since the epoch). The poller opens the rest within some minutes. A batch that
 * cannot be finished now does not stop the others.
 * Throws RequestUnfinished, RecordUnreadable, or the store's error. A repetition continues.
 */
export async function startPlanned(deps: RequestDeps, plan: Plan, until: number): Promise<StartedBatch[]> {
  const { selector, execution } = plan;
  if (execution === undefined) throw new Error('the plan is not marked as executed');
  const { metadata, source, requestedBy } = execution;
  const stored: Awaited<ReturnType<typeof storeBatch>>[] = [];
  const failures: (RequestUnfinished | RecordUnreadable)[] = [];
  for (const [index, flowLogIds] of inChunks(startable(plan.flowLogs), BATCH_LIMIT).entries()) {
    const idempotencyKey = keyOf(plan, index);
    const flowLogs = refsOf(selector, flowLogIds);
    const request = {
      callerScope: PLAN_SCOPE,
      idempotencyKey,
      flowLogs,
      metadata,
      source,
      requestedBy,
      ...tracingOf(execution),
    };
    try {
      stored.push(await storeBatch(deps, request));
    } catch (error) {
      if (!(error instanceof RecordUnreadable)) throw error;
      failures.push(error);
    }
  }
  for (const one of stored) {
    failures.push(...(await openRest(deps, one, until)));
  }
  if (failures[0]) throw failures[0];
  return stored.map(({ batch }) => ({ batchId: batch.batchId, total: batch.flowLogs.length }));
}

/** The batches that the plan starts, whether it is executed or not. */
export function batchIdsOf(plan: Plan): string[] {
  return inChunks(startable(plan.flowLogs), BATCH_LIMIT).map((_, index) =>
    deriveBatchId(PLAN_SCOPE, keyOf(plan, index)),
  );
}

/** A new plan can get the same id after the first one expired. `createdAt` gives it its own batches. */
function keyOf({ planId, createdAt }: Plan, index: number): string {
  return [planId, createdAt, index].join('#');
}

/**
 * Opens the activations that the batch does not have yet. For a batch that existed before, it reads them first.
 * Returns the failures.
 */
async function openRest(
  deps: RequestDeps,
  { batch, isNew }: Awaited<ReturnType<typeof storeBatch>>,
  until: number,
): Promise<RequestUnfinished[]> {
  if (deps.now() > until) return [];
  const known = isNew ? undefined : (await activationsOf(deps.store, batch)).known;
  const missing = batch.flowLogs.filter((flowLog) => !known?.has(flowLogKey(flowLog)));
  const { isWhole, failures } = await openLargeBatch(deps, batch, { flowLogs: missing, until });
  if (!isWhole) deps.log.info('the rest of the batch is left to the poller', { batchId: batch.batchId });
  return failures;
}
