import { inChunks } from '../../runtime/concurrency.ts';
import { RecordUnreadable, type RequestUnfinished } from '../model/errors.ts';
import { flowLogKey } from '../model/ids.ts';
import { openUntil } from '../request/open-until.ts';
import { type RequestDeps, storeBatch } from '../request/request-activations.ts';
import { activationsOf } from './finish-batch.ts';
import { type Plan, refsOf, startable } from './plan.ts';

export type StartedBatch = { batchId: string; total: number };

const BATCH_LIMIT = 1_000;
const PLAN_SCOPE = 'plan';

/**
 * Starts the batches of a plan that is marked as being carried out, or finds them started. First all of them are
 * stored, then their activations are opened until `until` (ms since the epoch); what is left then, the poller
 * opens within some minutes. What cannot be finished now keeps nothing else from being opened.
 * Throws RequestUnfinished, RecordUnreadable, or the store's error: repeated, it goes on.
 */
export async function startPlanned(deps: RequestDeps, plan: Plan, until: number): Promise<StartedBatch[]> {
  const { planId, createdAt, selector, execution } = plan;
  if (execution === undefined) throw new Error('a plan is marked before it is carried out');
  const { metadata, source, requestedBy } = execution;
  const stored: (Awaited<ReturnType<typeof storeBatch>> & { index: number })[] = [];
  const failures: (RequestUnfinished | RecordUnreadable)[] = [];
  for (const [index, flowLogIds] of inChunks(startable(plan.flowLogs), BATCH_LIMIT).entries()) {
    // Another plan under the same id, when the life of the first is over, has batches of its own.
    const idempotencyKey = [planId, createdAt, index].join('#');
    const flowLogs = refsOf(selector, flowLogIds);
    const asked = { flowLogs, metadata, source, requestedBy };
    const request = { callerScope: PLAN_SCOPE, idempotencyKey, ...asked };
    try {
      stored.push({ ...(await storeBatch(deps, request)), index });
    } catch (error) {
      if (!(error instanceof RecordUnreadable)) throw error;
      failures.push(error);
    }
  }
  for (const one of stored) {
    failures.push(...(await openUntilLate(deps, one, one.index * BATCH_LIMIT, until)));
  }
  if (failures[0]) throw failures[0];
  return stored.map(({ batch }) => ({ batchId: batch.batchId, total: batch.flowLogs.length }));
}

/**
 * Of a batch that was there already, what it has is read, a hundred items at a time, and what it lacks is opened.
 * Answers what could not be finished.
 */
async function openUntilLate(
  deps: RequestDeps,
  { batch, isNew }: Awaited<ReturnType<typeof storeBatch>>,
  firstPosition: number,
  until: number,
): Promise<RequestUnfinished[]> {
  if (deps.now() > until) return [];
  const known = isNew ? undefined : (await activationsOf(deps.store, batch)).known;
  const missing = batch.flowLogs.filter((flowLog) => !known?.has(flowLogKey(flowLog)));
  const { isWhole, failures } = await openUntil(deps, batch, { flowLogs: missing, firstPosition, until });
  if (!isWhole) deps.log.info('the rest of the batch is left to the poller', { batchId: batch.batchId });
  return failures;
}
