import type { ActivationStore } from '../model/ports.ts';
import { createDriftScan, type DriftDeps, type DriftSummary } from './drift-scan.ts';
import type { CheckpointStore } from './ports.ts';

const CHECKPOINT = 'check-drift';

export type CheckDeps = DriftDeps & {
  store: Pick<ActivationStore, 'transition' | 'completed'>;
  checkpoints: CheckpointStore;
};

/** No page is read after `readUntil`, no call begun after `askUntil`; in ms since the epoch. */
export type CheckLimit = { readUntil: number; askUntil: number };

/**
 * Looks whether the flow logs that have completed still are Active, and puts on record those that are not any more;
 * the poller tells of them. Begins where the check before it stopped, and stops at the end of the table or when its
 * time is over. Two at once are harmless: every write is conditional on what was read.
 */
export async function checkDrift(
  deps: CheckDeps,
  { readUntil, askUntil }: CheckLimit,
): Promise<DriftSummary & { isWhole: boolean }> {
  const { store, checkpoints, metrics } = deps;
  const checkpoint = await checkpoints.read(CHECKPOINT);
  const scan = createDriftScan(deps, askUntil);
  let { cursor } = checkpoint;
  do {
    const page = await store.completed(cursor);
    await scan.add(page.activations);
    cursor = page.nextCursor;
  } while (cursor !== undefined && deps.now() < readUntil);
  await scan.finish();
  // Only now: what a crash leaves unasked is asked about by the next check.
  if (cursor !== checkpoint.cursor) await checkpoints.save(CHECKPOINT, checkpoint, cursor);

  const { summary } = scan;
  if (summary.drifted > 0) metrics.count('DriftedFlowLogs', summary.drifted);
  return { ...summary, isWhole: cursor === undefined };
}
