import type { Activation } from './activation.ts';
import { InvalidCursor, NotFound } from './errors.ts';
import { activationsOf, type BatchSummary, summarizeBatch } from './finish-batch.ts';
import { flowLogKey } from './ids.ts';
import type { ActivationPage, ActivationStore, ListQuery } from './ports.ts';

/** Throws NotFound and RecordUnreadable. */
export async function readActivation(store: ActivationStore, activationId: string): Promise<Activation> {
  const activation = await store.readActivation(activationId);
  if (activation === undefined) throw new NotFound('activation');
  return activation;
}

/** Throws NotFound and RecordUnreadable. */
export async function readBatch(store: ActivationStore, batchId: string): Promise<BatchSummary> {
  const batch = await store.readBatch(batchId);
  if (batch === undefined) throw new NotFound('batch');
  return summarizeBatch(store, batch);
}

/**
 * A page of activations, newest first; of a batch, its own and those it joined, in the order of
 * the request. What cannot be read takes a place in a page too, whatever is asked for.
 * Throws NotFound for an unknown batch, RecordUnreadable for the batch itself, and InvalidCursor.
 */
export async function listActivations(
  store: ActivationStore,
  { batchId, ...query }: ListQuery & { batchId?: string },
): Promise<ActivationPage> {
  return batchId === undefined ? store.list(query) : listBatch(store, batchId, query);
}

async function listBatch(store: ActivationStore, batchId: string, query: ListQuery): Promise<ActivationPage> {
  const batch = await store.readBatch(batchId);
  if (batch === undefined) throw new NotFound('batch');
  const { flowLog, status, limit, cursor = '0' } = query;
  if (!/^\d{1,4}$/.test(cursor)) throw new InvalidCursor();
  const start = Number(cursor);
  const { known, unreadable } = await activationsOf(store, batch);
  const unreadableKeys = new Set(unreadable.map(flowLogKey));
  const found = batch.flowLogs
    .filter((candidate) => flowLog === undefined || flowLogKey(candidate) === flowLogKey(flowLog))
    .map((candidate) => ({ candidate, activation: known.get(flowLogKey(candidate)) }))
    .filter(({ candidate, activation }) =>
      activation
        ? status === undefined || activation.status === status
        : unreadableKeys.has(flowLogKey(candidate)),
    );
  const page = found.slice(start, start + limit);
  return {
    activations: page.flatMap(({ activation }) => activation ?? []),
    unreadable: page.flatMap(({ candidate, activation }) => (activation ? [] : candidate)),
    ...(found.length > start + limit && { nextCursor: String(start + limit) }),
  };
}
