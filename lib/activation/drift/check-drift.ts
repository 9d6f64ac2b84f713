import type { ActivationStore, CheckpointStore } from '../model/ports.ts';
import { createDriftScan, type DriftDeps, type DriftSummary } from './drift-scan.ts';

const CHECKPOINT = 'check-drift';

export type CheckDeps = DriftDeps & {
  store: Pick<ActivationStore, 'transition' | 'completed'>;
  checkpoints: CheckpointStore;
};

/** Reads no page after `readUntil` and starts no call after `describeUntil`. In ms since the epoch. */
export type CheckLimit = { readUntil: number; describeUntil: number };

/**
 * Checks whether the flow logs of completed activations are still Active, and records a drift for those that are not. The
 * poller publishes the drift. The check starts where the last one stopped, and ends at the end of the table or when the
 * time is over. Two checks at the same time do no harm: every write is conditional on the record that was read.
 */
export async function checkDrift(
  deps: CheckDeps,
  { readUntil, describeUntil }: CheckLimit,
): Promise<DriftSummary & { isWhole: boolean }> {
  const { store, checkpoints, metrics } = deps;
  const checkpoint = await checkpoints.read(CHECKPOINT);
  const scan = createDriftScan(deps, describeUntil);
  let { cursor } = checkpoint;
  do {
    const page = await store.completed(cursor);
    await scan.add(page.activations);
    cursor = page.nextCursor;
  } while (cursor !== undefined && deps.now() < readUntil);
  await scan.finish();
  // Saved last: after a crash the next check repeats this one.
  if (cursor !== checkpoint.cursor) await checkpoints.save(CHECKPOINT, checkpoint, cursor);

  const { summary } = scan;
  if (summary.drifted > 0) metrics.count('DriftedFlowLogs', summary.drifted);
  return { ...summary, isWhole: cursor === undefined };
}
