import { activationsOf, type BatchSummary, summarizeBatch } from './batches/finish-batch.ts';
import type { Activation } from './model/activation.ts';
import { InvalidCursor, NotFound } from './model/errors.ts';
import { flowLogKey } from './model/ids.ts';
import { isInScope, matches } from './model/list-filter.ts';
import type { ActivationPage, ActivationStore, ListQuery } from './model/ports.ts';

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
 * Returns a page of activations, newest first. With `batchId`: the batch's own and joined activations, in the order of
 * the request. A record that cannot be read takes a place in the page, whatever the filters are.
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
  const { limit, cursor = '0', ...filter } = query;
  if (!/^\d{1,4}$/.test(cursor)) throw new InvalidCursor();
  const start = Number(cursor);
  const { known, unreadable } = await activationsOf(store, batch);
  const unreadableKeys = new Set(unreadable.map(flowLogKey));
  const isWanted = (key: string) => {
    const activation = known.get(key);
    return activation ? matches(filter, activation) : unreadableKeys.has(key);
  };
  // A cursor is a position in the request: a status change between two pages does not move the others.
  const found = batch.flowLogs
    .map((candidate, position) => ({ candidate, position, key: flowLogKey(candidate) }))
    .filter(({ candidate, position }) => position >= start && isInScope(filter, candidate))
    .filter(({ key }) => isWanted(key));
  const page = found.slice(0, limit);
  const next = found[limit];
  return {
    activations: page.flatMap(({ key }) => known.get(key) ?? []),
    unreadable: page.flatMap(({ candidate, key }) => (known.has(key) ? [] : candidate)),
    ...(next && { nextCursor: String(next.position) }),
  };
}
