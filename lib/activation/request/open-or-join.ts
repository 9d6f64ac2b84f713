import { type Activation, belongsTo, type FlowLogRef, isOpen, JOINERS_LIMIT } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';
import { RequestUnfinished } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { openActivation } from '../model/transitions.ts';

export type OpenDeps = { store: ActivationStore; now: Clock; policy: Policy; log: Log };

/** Each refusal means that another writer made progress, so this bounds bad luck, not waiting. */
const CONTENTION_LIMIT = 50;

/**
 * Invariant 3. Finds the activation that already is this batch's (current item, then archive), else opens one, joins
 * the open one, or takes the place of a final one, which is archived first.
 * Throws RequestUnfinished when the open activation has all the joiners it can name.
 */
export async function openOrJoin(
  deps: OpenDeps,
  batch: Batch,
  flowLog: FlowLogRef,
  position: number,
): Promise<{ activation: Activation; opened: boolean }> {
  const { store, now, policy } = deps;
  const { batchId, source, requestedBy, metadata } = batch;
  const opening = { flowLog, batchId, source, requestedBy, metadata, position };
  const fresh = () => openActivation(opening, now(), policy);

  const first = fresh();
  if (await store.open(first)) return { activation: first, opened: true };

  for (let round = 0; round < CONTENTION_LIMIT; round += 1) {
    const current = await store.readCurrent(flowLog);
    if (current === undefined) throw new Error('an item that refused to be opened cannot be absent');
    // Its own, and nothing has happened to it: perhaps opened right here, by a write whose answer was lost.
    const untouched = current.batchId === batchId && current.status === 'queued' && current.attempts === 0;
    if (belongsTo(current, batchId)) return { activation: current, opened: untouched };
    const archived = await store.findArchived(flowLog, batchId);
    if (archived) return { activation: archived, opened: false };

    if (isOpen(current)) {
      if (current.joiners.length >= JOINERS_LIMIT) {
        throw new RequestUnfinished(batchId, `too many batches already wait for ${flowLog.flowLogId}`);
      }
      if (await store.join(current, batchId)) {
        return { activation: { ...current, joiners: [...current.joiners, batchId] }, opened: false };
      }
    } else {
      const next = fresh();
      if (await store.replace(current, next)) return { activation: next, opened: true };
    }
  }
  throw new RequestUnfinished(batchId, `too many requests for ${flowLog.flowLogId} at once`);
}
