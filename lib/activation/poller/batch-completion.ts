import { mapConcurrently } from '../../runtime/concurrency.ts';
import { finishBatch, publishEnds } from '../batches/finish-batch.ts';
import type { Batch } from '../model/batch.ts';
import { RecordUnreadable } from '../model/errors.ts';
import { type BatchWatch, createBatchWatch } from './batch-watch.ts';
import type { Isolated, PollerDeps } from './poller-deps.ts';

const READS_AT_ONCE = 16;
/** Each look reads up to 1,000 activations. */
const CHECKS_AT_ONCE = 4;

export type BatchCompleter = Pick<BatchWatch, 'beginTick' | 'sawEnd'> & {
  /** Looks at batches as they were read, and tells of those that have ended; those not come to by `until` stay due. */
  finish(batches: Batch[], isolated: Isolated, until: number): Promise<void>;
  /** The same for those whose last open activation has been seen to end. */
  finishEnded(isolated: Isolated, until: number): Promise<void>;
};

/** Finds the end of batches: at once by the endings that the poller tells, and in any case by their `dueAt`. */
export function createBatchCompletion(deps: PollerDeps): BatchCompleter {
  const watch = createBatchWatch();

  const check = async (batch: Batch, until: number): Promise<Batch[]> => {
    if (deps.now() >= until) return [];
    const found = await finishBatch(deps, batch, until);
    if (found === undefined) return [];
    if (found.open > 0) watch.learned(batch.batchId, found.open);
    else watch.forget(batch.batchId);
    return [found.batch];
  };

  const readIfEnded = async (batchId: string): Promise<Batch[]> => {
    const batch = await deps.store.readBatch(batchId).catch(unlessUnreadable);
    if (batch?.dueAt !== undefined) return watch.needsCheck(batch) ? [batch] : [];
    // Its end has been told, its life is over, or this version cannot read it.
    watch.forget(batchId);
    return [];
  };

  const finish = async (batches: Batch[], isolated: Isolated, until: number) => {
    const checked = await mapConcurrently(batches, CHECKS_AT_ONCE, (batch) =>
      isolated('finishing a batch', () => check(batch, until)),
    );
    const found = checked.flatMap((batch) => batch ?? []);
    await isolated('publishing the ends of batches', () => publishEnds(deps, found));
  };

  return {
    beginTick: watch.beginTick,
    sawEnd: watch.sawEnd,
    finish,
    async finishEnded(isolated, until) {
      const read = await isolated('reading batches', () =>
        mapConcurrently(watch.candidates(), READS_AT_ONCE, readIfEnded),
      );
      if (read) await finish(read.flat(), isolated, until);
    },
  };
}

function unlessUnreadable(error: unknown): undefined {
  if (!(error instanceof RecordUnreadable)) throw error;
}
