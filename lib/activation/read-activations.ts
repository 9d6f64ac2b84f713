import type { Activation } from './activation.ts';
import { InvalidCursor, NotFound } from './errors.ts';
import { activationsOf, type BatchSummary, summarizeBatch } from './finish-batch.ts';
import { flowLogKey } from './ids.ts';
import type { ActivationStore, ListQuery } from './ports.ts';

/** Throws NotFound. */
export async function readActivation(store: ActivationStore, activationId: string): Promise<Activation> {
  const activation = await store.readActivation(activationId);
  if (activation === undefined) throw new NotFound('activation');
  return activation;
}

/** Throws NotFound. */
export async function readBatch(store: ActivationStore, batchId: string): Promise<BatchSummary> {
  const batch = await store.readBatch(batchId);
  if (batch === undefined) throw new NotFound('batch');
  return summarizeBatch(store, batch);
}

/**
 * A page of activations, newest first; of a batch, its own and those it joined, in the order of
 * the request.
 * Throws NotFound for an unknown batch and InvalidCursor.
 */
export async function listActivations(
  store: ActivationStore,
  { batchId, ...query }: ListQuery & { batchId?: string },
): Promise<{ activations: Activation[]; nextCursor?: string }> {
  return batchId === undefined ? store.list(query) : listBatch(store, batchId, query);
}

async function listBatch(store: ActivationStore, batchId: string, query: ListQuery) {
  const batch = await store.readBatch(batchId);
  if (batch === undefined) throw new NotFound('batch');
  const { flowLog, status, limit, cursor = '0' } = query;
  if (!/^\d{1,4}$/.test(cursor)) throw new InvalidCursor();
  const start = Number(cursor);
  const known = await activationsOf(store, batch);
  const matching = batch.flowLogs
    .filter((candidate) => flowLog === undefined || flowLogKey(candidate) === flowLogKey(flowLog))
    .map((candidate) => known.get(flowLogKey(candidate)))
    .filter((activation) => activation !== undefined)
    .filter((activation) => status === undefined || activation.status === status);
  const activations = matching.slice(start, start + limit);
  return { activations, ...(matching.length > start + limit && { nextCursor: String(start + limit) }) };
}
