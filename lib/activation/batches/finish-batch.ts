import { mapConcurrently } from '../../runtime/concurrency.ts';
import {
  type Activation,
  type ActivationStatus,
  belongsTo,
  type FlowLogRef,
  isOpen,
} from '../model/activation.ts';
import type { Batch, BatchCompletion } from '../model/batch.ts';
import { RecordUnreadable } from '../model/errors.ts';
import { flowLogKey } from '../model/ids.ts';
import type { EventPublisher } from '../model/message-ports.ts';
import { batchCompletedEventOf } from '../model/outbox-events.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationStore, Clock, Random } from '../model/ports.ts';
import { refusedDelayMs } from '../model/refusals.ts';
import { tracingOf } from '../model/tracing.ts';
import { openLargeBatch } from '../request/open-large-batch.ts';
import type { EnqueueDeps } from '../request/request-activations.ts';

type PublishEndsDeps = {
  store: ActivationStore;
  publisher: EventPublisher;
  now: Clock;
  random: Random;
  policy: Pick<Policy, 'tickMs'>;
};

const LONGEST_PAUSE_MS = 3_600_000;
const SHORTEST_PAUSE_MS = 60_000;
const READ_CONCURRENCY = 16;
const CLEAR_CONCURRENCY = 16;

/**
 * Checks whether all activations of the batch are final. If so, stores its completion and makes it due for publishing;
 * from then on the content of its event is fixed. If a due batch has not ended, opens the activations that a crash left
 * unopened, and sets the next check after half the batch's age, but not sooner than a minute after the quota allows the
 * last call, and at most an hour later: some 33 writes on the first day, whatever the size of the batch.
 * Opens nothing after `until` (ms since the epoch); then the batch stays due.
 * Returns the new batch and the number of its open activations, or undefined if another writer changed the batch.
 */
export async function finishBatch(
  deps: EnqueueDeps,
  batch: Batch,
  until = Number.POSITIVE_INFINITY,
): Promise<{ batch: Batch; open: number } | undefined> {
  if (batch.completed) return { batch, open: 0 };
  const { store, log } = deps;
  const ids = { batchId: batch.batchId, ...tracingOf(batch) };
  const isDue = batch.dueAt !== undefined && batch.dueAt <= deps.now();
  // An unreadable activation counts as missing, so that the batch does not end.
  const { known } = await activationsOf(store, batch);
  const missing = batch.flowLogs.filter((flowLog) => !known.has(flowLogKey(flowLog)));
  // If the batch is not due, its request may still be opening it.
  if (missing.length > 0 && isDue) {
    const { isWhole, failures } = await openLargeBatch(deps, batch, { flowLogs: missing, until });
    const [failure] = failures;
    if (failure) log.warn('batch still unfinished', { ...ids, cause: String(failure) });
    // Still due: the next tick opens the rest.
    if (!isWhole) return { batch, open: batch.flowLogs.length };
  }
  const activations = [...known.values()];
  const open = missing.length + activations.filter(isOpen).length;
  const reopened = open === 0 ? await countReopened(store, batch, activations) : 0;
  const now = deps.now();
  if (open + reopened === 0) {
    const ended = { ...batch, completed: completionOf(activations, now), dueAt: now };
    if (!(await store.transitionBatch(batch, ended))) return undefined;
    const { counts, adopted } = ended.completed;
    log.info('batch completed', { ...ids, ...counts, adopted });
    return { batch: { ...ended, version: batch.version + 1 }, open };
  }
  const dueAt = nextCheckAt(batch, activations, now, deps.policy);
  if (isDue && !(await store.transitionBatch(batch, { ...batch, dueAt }))) return undefined;
  return { batch, open: open + reopened };
}

/**
 * Publishes the completion events of the batches that are completed and due. A published batch leaves the index. If the
 * bus refuses an event, its batch becomes due again with growing delays.
 */
export async function publishEnds(deps: PublishEndsDeps, batches: Batch[]): Promise<void> {
  const now = deps.now();
  const unpublished = batches.flatMap((batch) =>
    batch.completed && batch.dueAt !== undefined && batch.dueAt <= now
      ? [{ batch, event: batchCompletedEventOf(batch, batch.completed) }]
      : [],
  );
  if (unpublished.length === 0) return;
  const { stored, refused } = await deps.publisher.publish(unpublished.map(({ event }) => event));
  await mapConcurrently(unpublished, CLEAR_CONCURRENCY, async ({ batch, event }) => {
    if (stored.has(event.id)) {
      await deps.store.transitionBatch(batch, { ...batch, dueAt: undefined, refusals: undefined });
    } else if (refused.has(event.id)) {
      const refusals = (batch.refusals ?? 0) + 1;
      const dueAt = now + refusedDelayMs(refusals, deps.policy, deps.random);
      await deps.store.transitionBatch(batch, { ...batch, dueAt, refusals });
    }
  });
}

function nextCheckAt(
  { createdAt }: Batch,
  activations: Activation[],
  now: number,
  { ratePerSecond }: Pick<Policy, 'ratePerSecond'>,
): number {
  const queued = activations.filter(({ status }) => status === 'queued');
  const byAccount = Map.groupBy(queued, ({ account }) => account);
  const mostCalls = Math.max(0, ...[...byAccount.values()].map(({ length }) => length));
  const callsMs = (mostCalls / ratePerSecond) * 1_000;
  const pauseMs = Math.max((now - createdAt) / 2, SHORTEST_PAUSE_MS + callsMs);
  return now + Math.round(Math.min(LONGEST_PAUSE_MS, pauseMs));
}

/**
 * Returns how many failed activations were redriven while the others were read. It reads the failed ones a second time:
 * if none has changed, there was a moment between the two reads when all were final. Completed ones stay completed.
 */
async function countReopened(store: ActivationStore, batch: Batch, final: Activation[]): Promise<number> {
  const failed = final.filter(({ status, archived }) => status === 'failed' && !archived);
  if (failed.length === 0) return 0;
  const { known: again } = await activationsOf(store, { ...batch, flowLogs: failed });
  return failed.filter((before) => {
    const after = again.get(flowLogKey(before));
    return after === undefined || isOpen(after) || after.generation !== before.generation;
  }).length;
}

function completionOf(final: Activation[], now: number): BatchCompletion {
  const failed = final.filter(({ status }) => status === 'failed');
  const byReason = Map.groupBy(failed, ({ reason = 'unexpected' }) => reason);
  return {
    at: Math.max(...final.map(({ finishedAt = now }) => finishedAt)),
    counts: { completed: final.length - failed.length, failed: failed.length },
    adopted: final.filter(({ status, adopted }) => status === 'completed' && adopted === true).length,
    reasons: Object.fromEntries([...byReason].map(([reason, { length }]) => [reason, length])),
  };
}

/** `unreadable`: flow logs of the batch whose record cannot be read. It may belong to the batch. */
export type BatchActivations = { known: Map<string, Activation>; unreadable: FlowLogRef[] };

/**
 * Returns the batch's own and joined activations by flow log key. A flow log that is not opened yet is in neither part.
 */
export async function activationsOf(store: ActivationStore, batch: Batch): Promise<BatchActivations> {
  const known = new Map<string, Activation>();
  const current = await store.readManyCurrent(batch.flowLogs);
  for (const activation of current.activations) {
    if (belongsTo(activation, batch.batchId)) known.set(flowLogKey(activation), activation);
  }
  const unreadable = new Map(current.unreadable.map((flowLog) => [flowLogKey(flowLog), flowLog]));
  const elsewhere = batch.flowLogs.filter((flowLog) => !known.has(flowLogKey(flowLog)));
  await mapConcurrently(elsewhere, READ_CONCURRENCY, async (flowLog: FlowLogRef) => {
    const key = flowLogKey(flowLog);
    try {
      const archived = await store.findArchived(flowLog, batch.batchId);
      if (archived === undefined) return;
      known.set(key, archived);
      unreadable.delete(key);
    } catch (error) {
      if (!(error instanceof RecordUnreadable)) throw error;
      unreadable.set(key, flowLog);
    }
  });
  return { known, unreadable: [...unreadable.values()] };
}

export type BatchSummary = {
  batchId: string;
  requestedBy?: string | undefined;
  total: number;
  counts: Record<ActivationStatus, number>;
  /** These are in none of the counts. */
  unreadable: FlowLogRef[];
  done: boolean;
};

/**
 * Counts the batch's own and joined activations by status. A flow log that is not opened yet counts as queued. An expired
 * activation is not counted. `done` is the current state: a redrive makes it false again, even after the completion
 * event was published.
 */
export async function summarizeBatch(store: ActivationStore, batch: Batch): Promise<BatchSummary> {
  const { known, unreadable } = await activationsOf(store, batch);
  const missing = batch.flowLogs.length - known.size - unreadable.length;
  // All activations existed when the batch completed. A missing one has expired.
  const expired = batch.completed ? missing : 0;
  const counts = { queued: missing - expired, pending: 0, completed: 0, failed: 0 };
  for (const { status } of known.values()) counts[status] += 1;
  const total = batch.flowLogs.length;
  const done = counts.completed + counts.failed + expired === total;
  const { batchId, requestedBy } = batch;
  return { batchId, requestedBy, total, counts, unreadable, done };
}
