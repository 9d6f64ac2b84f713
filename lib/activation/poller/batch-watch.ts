import { type Activation, batchIdsOf } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';

export type BatchWatch = {
  /** Call this at the start of a tick. */
  beginTick(now: number): void;
  /** Records that the final event of an activation was published. Idempotent. */
  recordEnd(ended: Activation): void;
  /** Ids of batches that may have ended. Read each one, then call needsCheck. */
  candidates(): string[];
  /** False if some of its activations are known to be open. */
  needsCheck(batch: Batch): boolean;
  /** Sets the number of open activations that a check found. */
  setOpenCount(batchId: string, open: number): void;
  /** The batch needs no more work. */
  forget(batchId: string): void;
};

type Watched = { ended: Set<string>; open: number | undefined };

/** Two ticks of one poller are closer than this. After a longer pause another poller may have published ends. */
const ALONE_FOR_MS = 50_000;
const REMEMBERED_LIMIT = 50_000;
/** A check of so many flow logs is one read. */
const FEW = 100;
/** The count of a larger batch may wait so long for the check at its `dueAt`. */
const COUNTED_SOON_MS = 60_000;

/**
 * Counts the ended activations of each batch, so that the poller reads the batch's activations once, after the last
 * end. It only decides when to check: if it missed an end, the poller finds the batch by its `dueAt`. A batch that is
 * older than the watch needs one extra check, which counts its open activations. If it is large and due soon, that is the
 * check at its `dueAt`; until then the watch supposes that it has seen all ends.
 */
export function createBatchWatch(): BatchWatch {
  const watched = new Map<string, Watched>();
  let watchedSince = Number.POSITIVE_INFINITY;
  let tickedAt = Number.NEGATIVE_INFINITY;
  let remembered = 0;

  const restart = (now: number) => {
    watched.clear();
    remembered = 0;
    watchedSince = now;
  };
  const forgetEnded = (batch: Watched) => {
    remembered -= batch.ended.size;
    batch.ended.clear();
  };

  return {
    beginTick(now) {
      if (now - tickedAt > ALONE_FOR_MS || remembered > REMEMBERED_LIMIT) restart(now);
      tickedAt = now;
    },
    recordEnd(ended) {
      for (const batchId of batchIdsOf(ended)) {
        const batch = watched.get(batchId) ?? { ended: new Set(), open: undefined };
        watched.set(batchId, batch);
        remembered -= batch.ended.size;
        batch.ended.add(ended.activationId);
        remembered += batch.ended.size;
      }
    },
    candidates() {
      const mayHaveEnded = ([, { ended, open }]: [string, Watched]) =>
        open === undefined || ended.size >= open;
      return [...watched].filter(mayHaveEnded).map(([batchId]) => batchId);
    },
    needsCheck({ batchId, createdAt, flowLogs, dueAt = Number.POSITIVE_INFINITY }) {
      const batch = watched.get(batchId);
      if (batch === undefined) return false;
      const isCountedSoon = flowLogs.length > FEW && dueAt - tickedAt <= COUNTED_SOON_MS;
      if (batch.open === undefined && (createdAt >= watchedSince || isCountedSoon)) {
        batch.open = flowLogs.length;
      }
      return batch.open === undefined || batch.ended.size >= batch.open;
    },
    setOpenCount(batchId, open) {
      const batch = watched.get(batchId);
      if (batch === undefined) return;
      forgetEnded(batch);
      batch.open = open;
    },
    forget(batchId) {
      const batch = watched.get(batchId);
      if (batch) forgetEnded(batch);
      watched.delete(batchId);
    },
  };
}
