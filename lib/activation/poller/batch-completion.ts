import { mapConcurrently } from '../../runtime/concurrency.ts';
import { finishBatch, tellEnds } from '../batches/finish-batch.ts';
import type { Batch } from '../model/batch.ts';
import { RecordUnreadable } from '../model/errors.ts';
import { type BatchWatch, createBatchWatch } from './batch-watch.ts';
import type { Apart, PollerDeps } from './poller-deps.ts';

const READS_AT_ONCE = 16;
/** Each look reads up to 1,000 activations. */
const LOOKS_AT_ONCE = 4;

export type BatchRounds = Pick<BatchWatch, 'beginTick' | 'sawEnd'> & {
  /** Looks at batches as they were read, and tells of those that have ended; those not come to by `until` stay due. */
  finish(batches: Batch[], apart: Apart, until: number): Promise<void>;
  /** The same for those whose last open activation has been seen to end. */
  finishEnded(apart: Apart, until: number): Promise<void>;
};

/** Finds the end of batches: at once by the endings that the poller tells, and in any case by their `dueAt`. */
export function createBatchRounds(deps: PollerDeps): BatchRounds {
  const watch = createBatchWatch();

  const look = async (batch: Batch, until: number): Promise<Batch[]> => {
    if (deps.now() >= until) return [];
    const found = await finishBatch(deps, batch, until);
    if (found === undefined) return [];
    if (found.open > 0) watch.learned(batch.batchId, found.open);
    else watch.forget(batch.batchId);
    return [found.batch];
  };

  const readIfEnded = async (batchId: string): Promise<Batch[]> => {
    const batch = await deps.store.readBatch(batchId).catch(unlessUnreadable);
    if (batch?.dueAt !== undefined) return watch.needsLook(batch) ? [batch] : [];
    // Its end has been told, its life is over, or this version cannot read it.
    watch.forget(batchId);
    return [];
  };

  const finish = async (batches: Batch[], apart: Apart, until: number) => {
    const looked = await mapConcurrently(batches, LOOKS_AT_ONCE, (batch) =>
      apart('finishing a batch', () => look(batch, until)),
    );
    const found = looked.flatMap((batch) => batch ?? []);
    await apart('telling of batches', () => tellEnds(deps, found));
  };

  return {
    beginTick: watch.beginTick,
    sawEnd: watch.sawEnd,
    finish,
    async finishEnded(apart, until) {
      const read = await apart('reading batches', () =>
        mapConcurrently(watch.candidates(), READS_AT_ONCE, readIfEnded),
      );
      if (read) await finish(read.flat(), apart, until);
    },
  };
}

function unlessUnreadable(error: unknown): undefined {
  if (!(error instanceof RecordUnreadable)) throw error;
}
