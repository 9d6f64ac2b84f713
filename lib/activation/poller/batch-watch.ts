import { type Activation, batchIdsOf } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';

export type BatchWatch = {
  /** Before the endings of a tick are seen. */
  beginTick(now: number): void;
  /** Told of the end of an activation, by its final event; hearing of it again changes nothing. */
  sawEnd(ended: Activation): void;
  /** Batches that may have ended: to be read and, if they need a look, looked at. */
  candidates(): string[];
  /** False while some of its activations are known to be open. */
  needsCheck(batch: Batch): boolean;
  /** What a look has found. */
  learned(batchId: string, open: number): void;
  /** Nothing is left to be done for it. */
  forget(batchId: string): void;
};

type Watched = { ended: Set<string>; open: number | undefined };

/** Between two ticks of one poller lies less than this; after more, another one may have told of endings. */
const ALONE_FOR_MS = 50_000;
const REMEMBERED_LIMIT = 50_000;

/**
 * Counts the endings of each batch, so that its activations are read once, when the last of them has ended, and
 * not with each. It only says when to look: a batch whose endings it missed is found by its `dueAt`. A batch that is
 * older than the watch is read once more, for how many of it are open.
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
    sawEnd(ended) {
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
    needsCheck({ batchId, createdAt, flowLogs }) {
      const batch = watched.get(batchId);
      if (batch === undefined) return false;
      if (batch.open === undefined && createdAt >= watchedSince) batch.open = flowLogs.length;
      return batch.open === undefined || batch.ended.size >= batch.open;
    },
    learned(batchId, open) {
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
