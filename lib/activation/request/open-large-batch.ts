import { inChunks } from '../../runtime/concurrency.ts';
import type { FlowLogRef } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';
import { RequestUnfinished } from '../model/errors.ts';
import { type EnqueueDeps, openBatch } from './request-activations.ts';

/** Activations to open before the time is checked again. */
const OPEN_AT_ONCE = 200;

/**
 * Does the same as openBatch for many flow logs of a batch, until `until` (ms since the epoch). `isWhole` is false if the
 * time was over before all were opened. Returns each RequestUnfinished in `failures`. Throws the store's errors.
 */
export async function openLargeBatch(
  deps: EnqueueDeps,
  batch: Batch,
  { flowLogs, until }: { flowLogs: FlowLogRef[]; until: number },
): Promise<{ isWhole: boolean; failures: RequestUnfinished[] }> {
  const failures: RequestUnfinished[] = [];
  for (const slice of inChunks(flowLogs, OPEN_AT_ONCE)) {
    if (deps.now() > until) return { isWhole: false, failures };
    try {
      await openBatch(deps, batch, slice);
    } catch (error) {
      if (!(error instanceof RequestUnfinished)) throw error;
      failures.push(error);
    }
  }
  return { isWhole: true, failures };
}
