import { type Activation, belongsTo, type FlowLogRef, isOpen, JOINERS_LIMIT } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';
import { RequestUnfinished } from '../model/errors.ts';
import { goalOf } from '../model/goal.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { openActivation } from '../model/queueing.ts';
import { tracingOf } from '../model/tracing.ts';

export type OpenDeps = { store: ActivationStore; now: Clock; policy: Policy; log: Log };

/** Tries per flow log. Each refused write means that another writer made progress. */
const CONTENTION_LIMIT = 50;

/**
 * Invariant 3. Returns the activation that already belongs to this batch (current item, then archive). Otherwise it
 * opens one, joins the open one, or replaces a final one, which is archived first. Throws RequestUnfinished if the open
 * activation has JOINERS_LIMIT joiners or leads the other way, or if too many writers change it at once.
 */
export async function openOrJoin(
  deps: OpenDeps,
  batch: Batch,
  flowLog: FlowLogRef,
  turnAt: number,
): Promise<{ activation: Activation; opened: boolean }> {
  const { store, now, policy } = deps;
  const { batchId, source, requestedBy, metadata, desired } = batch;
  const opening = { flowLog, batchId, source, requestedBy, metadata, desired, turnAt, ...tracingOf(batch) };
  const fresh = (previous?: Activation) => openActivation({ ...opening, previous }, now(), policy);

  const first = fresh();
  if (await store.open(first)) return { activation: first, opened: true };

  for (let tries = 0; tries < CONTENTION_LIMIT; tries += 1) {
    const current = await store.readCurrent(flowLog);
    if (current === undefined) throw new Error('the item exists for the write, but not for the read');
    // Perhaps our own write opened it and the response was lost: then its job must be enqueued.
    const isUntouched = current.batchId === batchId && current.status === 'queued' && current.attempts === 0;
    if (belongsTo(current, batchId)) return { activation: current, opened: isUntouched };
    const archived = await store.findArchived(flowLog, batchId);
    if (archived) return { activation: archived, opened: false };

    if (isOpen(current)) {
      if (current.desired !== desired) {
        throw new RequestUnfinished(
          batchId,
          `the open ${goalOf(current).noun} of ${flowLog.flowLogId} must end first`,
        );
      }
      if (current.joiners.length >= JOINERS_LIMIT) {
        throw new RequestUnfinished(batchId, `too many batches already wait for ${flowLog.flowLogId}`);
      }
      if (await store.join(current, batchId)) {
        return { activation: { ...current, joiners: [...current.joiners, batchId] }, opened: false };
      }
    } else {
      const next = fresh(current);
      if (await store.replace(current, next)) return { activation: next, opened: true };
    }
  }
  throw new RequestUnfinished(batchId, `too many requests for ${flowLog.flowLogId} at once`);
}
