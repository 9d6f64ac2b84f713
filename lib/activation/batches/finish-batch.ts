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
import { batchEventOf } from '../model/outbox-events.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationQueue, ActivationStore, Clock, EventPublisher, Random } from '../model/ports.ts';
import { refusedDelayMs } from '../model/refusals.ts';
import type { OpenDeps } from '../request/open-or-join.ts';
import { openUntil } from '../request/open-until.ts';

type PublishEndsDeps = {
  store: ActivationStore;
  publisher: EventPublisher;
  now: Clock;
  random: Random;
  policy: Pick<Policy, 'tickMs'>;
};

const CHECK_AT_LEAST_EVERY_MS = 3_600_000;
const CHECK_AT_MOST_EVERY_MS = 60_000;
const READ_CONCURRENCY = 16;
const CLEAR_CONCURRENCY = 16;

/**
 * Looks whether all activations of the batch are final. Then that is put on record, together with a dueAt for the
 * telling: from here on what is published is fixed. A batch that is due and has not ended is also opened where a crash
 * left it unopened, and is looked at after half its age again: a dozen writes a day, whatever its size.
 * Nothing is opened after `until` (ms since the epoch): what is left keeps the batch due.
 * Answers the batch as it now stands and how many of its activations are open, or undefined when another poller
 * has written meanwhile.
 */
export async function finishBatch(
  deps: OpenDeps & { queue: ActivationQueue },
  batch: Batch,
  until = Number.POSITIVE_INFINITY,
): Promise<{ batch: Batch; open: number } | undefined> {
  if (batch.completed) return { batch, open: 0 };
  const { store, log } = deps;
  const isDue = batch.dueAt !== undefined && batch.dueAt <= deps.now();
  // What cannot be read is missing: neither final nor open, it keeps the batch from ending.
  const { known } = await activationsOf(store, batch);
  const missing = batch.flowLogs.filter((flowLog) => !known.has(flowLogKey(flowLog)));
  // One that is not due may still be in the hands of its request.
  if (missing.length > 0 && isDue) {
    const { isWhole, failures } = await openUntil(deps, batch, { flowLogs: missing, until });
    const [failure] = failures;
    if (failure) log.warn('batch still unfinished', { batchId: batch.batchId, cause: String(failure) });
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
    log.info('batch completed', { batchId: batch.batchId, ...counts, adopted });
    return { batch: { ...ended, version: batch.version + 1 }, open };
  }
  if (isDue && !(await store.transitionBatch(batch, { ...batch, dueAt: nextLookAt(batch, now) })))
    return undefined;
  return { batch, open: open + reopened };
}

/**
 * Tells the end of those that have it on record, unpublished and due. What was published leaves the index; what the bus has
 * refused is due later and later.
 */
export async function publishEnds(deps: PublishEndsDeps, batches: Batch[]): Promise<void> {
  const now = deps.now();
  const unpublished = batches.flatMap((batch) =>
    batch.completed && batch.dueAt !== undefined && batch.dueAt <= now
      ? [{ batch, event: batchEventOf(batch, batch.completed) }]
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

function nextLookAt({ createdAt }: Batch, now: number): number {
  const pauseMs = Math.max(CHECK_AT_MOST_EVERY_MS, (now - createdAt) / 2);
  return now + Math.round(Math.min(CHECK_AT_LEAST_EVERY_MS, pauseMs));
}

/**
 * How many of the failed ones have been redriven while the others were read. Failed ones are read once more, after
 * all: if none has moved, there was a moment between the two at which everything was final. Completed ones stay so.
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

/** `unreadable`: those of its flow logs whose record cannot be read; the batch may have one there. */
export type BatchActivations = { known: Map<string, Activation>; unreadable: FlowLogRef[] };

/** The batch's own and joined activations by flow log key; a flow log not yet opened is in neither. */
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
  /** They are in none of the counts. */
  unreadable: FlowLogRef[];
  done: boolean;
};

/**
 * Counts joined activations too; one that a crash left unopened counts as queued, one that has expired not at all. `done` is of now: a redrive makes
 * it false again, also after the batch's end has been published.
 */
export async function summarizeBatch(store: ActivationStore, batch: Batch): Promise<BatchSummary> {
  const { known, unreadable } = await activationsOf(store, batch);
  const missing = batch.flowLogs.length - known.size - unreadable.length;
  // What was there when it ended, and is there no more, has expired.
  const expired = batch.completed ? missing : 0;
  const counts = { queued: missing - expired, pending: 0, completed: 0, failed: 0 };
  for (const { status } of known.values()) counts[status] += 1;
  const total = batch.flowLogs.length;
  const done = counts.completed + counts.failed + expired === total;
  const { batchId, requestedBy } = batch;
  return { batchId, requestedBy, total, counts, unreadable, done };
}
