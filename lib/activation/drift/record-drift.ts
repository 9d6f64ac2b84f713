import type { Activation } from '../model/activation.ts';
import type { FlowLogView } from '../model/outcome.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { idsOf } from '../model/tracing.ts';
import { decideDrift } from './drift.ts';

export type RecordDriftDeps = {
  store: Pick<ActivationStore, 'transition'>;
  now: Clock;
  log: Log;
  /** A state that was seen sooner after the last change may be the one before it; see Policy. */
  replicaLagMs: number;
};

/**
 * Writes what an observation of a completed activation changes: a drift begins, or ends. `view`: undefined if the flow log
 * is gone. `calledAt`: when the call began. Returns undefined if nothing changed here: another writer may have been faster.
 * Throws the store's errors.
 */
export async function recordDrift(
  { store, now, log, replicaLagMs }: RecordDriftDeps,
  completed: Activation,
  view: FlowLogView | undefined,
  calledAt: number,
): Promise<'drifted' | 'recovered' | undefined> {
  if (calledAt - knownSince(completed) < replicaLagMs) return undefined;
  const next = decideDrift(completed, view, now());
  if (next === completed || !(await store.transition(completed, next))) return undefined;
  const { drift } = next;
  const hasEnded = drift?.endedAt !== undefined;
  log.info(hasEnded ? 'drift ended' : 'flow log drifted', { ...idsOf(next), kind: drift?.kind });
  return hasEnded ? 'recovered' : 'drifted';
}

/** When its last observed change was: the end of a drift, a drift, or the completion. */
function knownSince({ drift, finishedAt, updatedAt }: Activation): number {
  return drift?.endedAt ?? drift?.detectedAt ?? finishedAt ?? updatedAt;
}
