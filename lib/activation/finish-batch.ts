import { type Activation, type ActivationStatus, belongsTo, type FlowLogRef, isOpen } from './activation.ts';
import type { Batch } from './batch.ts';
import { mapConcurrently } from './concurrency.ts';
import { flowLogKey } from './ids.ts';
import type { OpenDeps } from './open-or-join.ts';
import type { ActivationQueue, ActivationStore } from './ports.ts';
import { openBatch } from './request-activations.ts';

const CHECK_AT_LEAST_EVERY_MS = 3_600_000;
const CHECK_AT_MOST_EVERY_MS = 60_000;
const READ_CONCURRENCY = 16;

/**
 * Opens what a crash left unopened, and takes the batch out of the index once all its activations are final.
 * Until then it is looked at after half its age again: a dozen writes a day, whatever its size.
 */
export async function finishBatch(deps: OpenDeps & { queue: ActivationQueue }, batch: Batch): Promise<void> {
  const { store } = deps;
  const known = await activationsOf(store, batch);
  const missing = batch.flowLogs.filter((flowLog) => !known.has(flowLogKey(flowLog)));
  if (missing.length > 0) {
    await openBatch(deps, batch, missing).catch((error: unknown) => {
      deps.log.warn('batch still unfinished', { batchId: batch.batchId, cause: String(error) });
    });
  }
  const done = missing.length === 0 && [...known.values()].every((activation) => !isOpen(activation));
  const now = deps.now();
  const pauseMs = Math.min(
    CHECK_AT_LEAST_EVERY_MS,
    Math.max(CHECK_AT_MOST_EVERY_MS, (now - batch.createdAt) / 2),
  );
  await store.moveBatchDue(batch, done ? undefined : now + Math.round(pauseMs));
}

/** The batch's own and joined activations by flow log key; a flow log not yet opened is missing. */
export async function activationsOf(store: ActivationStore, batch: Batch): Promise<Map<string, Activation>> {
  const found = new Map<string, Activation>();
  for (const activation of await store.readManyCurrent(batch.flowLogs)) {
    if (belongsTo(activation, batch.batchId)) found.set(flowLogKey(activation), activation);
  }
  const elsewhere = batch.flowLogs.filter((flowLog) => !found.has(flowLogKey(flowLog)));
  await mapConcurrently(elsewhere, READ_CONCURRENCY, async (flowLog: FlowLogRef) => {
    const archived = await store.findArchived(flowLog, batch.batchId);
    if (archived) found.set(flowLogKey(flowLog), archived);
  });
  return found;
}

export type BatchSummary = {
  batchId: string;
  total: number;
  counts: Record<ActivationStatus, number>;
  done: boolean;
};

/** Counts joined activations too; one that a crash left unopened counts as queued. */
export async function summarizeBatch(store: ActivationStore, batch: Batch): Promise<BatchSummary> {
  const known = await activationsOf(store, batch);
  const counts = { queued: batch.flowLogs.length - known.size, pending: 0, completed: 0, failed: 0 };
  for (const { status } of known.values()) counts[status] += 1;
  const total = batch.flowLogs.length;
  return { batchId: batch.batchId, total, counts, done: counts.completed + counts.failed === total };
}
