import { mapConcurrently } from '../../runtime/concurrency.ts';
import { finishBatch, publishEnds } from '../batches/finish-batch.ts';
import type { Batch } from '../model/batch.ts';
import { RecordUnreadable } from '../model/errors.ts';
import { type BatchWatch, createBatchWatch } from './batch-watch.ts';
import type { Isolated, PollerDeps } from './poller-deps.ts';

const READS_AT_ONCE = 16;
/** Each check reads up to 1,000 activations. */
const CHECKS_AT_ONCE = 4;

export type BatchCompleter = Pick<BatchWatch, 'beginTick' | 'recordEnd'> & {
  /**
   * Checks these batches and publishes the completion of those that ended. A batch that is not checked by `until` stays
   * due.
   */
  finish(batches: Batch[], isolated: Isolated, until: number): Promise<void>;
  /** Does the same for the batches of which the last open activation has ended, see BatchWatch. */
  finishEnded(isolated: Isolated, until: number): Promise<void>;
};

/**
 * Completes batches: right after the end of their last activation if the watch saw all ends, otherwise at their
 * `dueAt`.
 */
export function createBatchCompleter(deps: PollerDeps): BatchCompleter {
  const watch = createBatchWatch();

  const check = async (batch: Batch, until: number): Promise<Batch[]> => {
    if (deps.now() >= until) return [];
    const found = await finishBatch(deps, batch, until);
    if (found === undefined) return [];
    if (found.open > 0) watch.setOpenCount(batch.batchId, found.open);
    else watch.forget(batch.batchId);
    return [found.batch];
  };

  const readIfEnded = async (batchId: string): Promise<Batch[]> => {
    const batch = await deps.store.readBatch(batchId).catch(ignoreUnreadable);
    if (batch?.dueAt !== undefined) return watch.needsCheck(batch) ? [batch] : [];
    // Its completion is published, it has expired, or this version cannot read it.
    watch.forget(batchId);
    return [];
  };

  const finish = async (batches: Batch[], isolated: Isolated, until: number) => {
    const checked = await mapConcurrently(batches, CHECKS_AT_ONCE, (batch) =>
      isolated('finishing a batch', () => check(batch, until)),
    );
    const found = checked.flatMap((batch) => batch ?? []);
    await isolated('publishing batch completions', () => publishEnds(deps, found));
  };

  return {
    beginTick: watch.beginTick,
    recordEnd: watch.recordEnd,
    finish,
    async finishEnded(isolated, until) {
      const read = await isolated('reading batches', () =>
        mapConcurrently(watch.candidates(), READS_AT_ONCE, readIfEnded),
      );
      if (read) await finish(read.flat(), isolated, until);
    },
  };
}

function ignoreUnreadable(error: unknown): undefined {
  if (!(error instanceof RecordUnreadable)) throw error;
}
