import { type Activation, hasDrifted, isOpen } from '../../../lib/activation/model/activation.ts';
import { heldOf } from '../../../lib/activation/model/history.ts';
import { FAILURE_REASONS } from '../../../lib/activation/model/outcome.ts';
import type { Sample, TableSample, TableSampler } from '../../../lib/activation/status/ports.ts';
import type { InMemoryActivationStore } from './in-memory-activation-store.ts';

/** The port over the store in memory, without a limit. Proven by its shared suite. */
export class InMemoryTableSampler implements TableSampler {
  readonly #store: InMemoryActivationStore;

  constructor(store: InMemoryActivationStore) {
    this.#store = store;
  }

  async sample(now: number): Promise<TableSample> {
    const current = [...this.#store.current.values()];
    const isDue = ({ dueAt }: { dueAt?: number }) => dueAt !== undefined && dueAt <= now;
    const all = [...current, ...this.#store.archive.values()];
    const due = all.filter(isDue);
    const later = all.filter(({ dueAt = 0 }) => dueAt > now && dueAt <= now + 3_600_000);
    const dueTimes = [...due, ...[...this.#store.batches.values()].filter(isDue)].map(
      ({ dueAt = 0 }) => dueAt,
    );
    const held = current.filter((one) => heldOf(one) !== undefined);
    const ofReason = (reason: string) => (one: Activation) =>
      one.status === 'failed' && one.reason === reason;
    return {
      open: sampleOf(current.filter(isOpen)),
      failed: new Map(FAILURE_REASONS.map((reason) => [reason, sampleOf(current.filter(ofReason(reason)))])),
      held: sampleOf(held),
      drifted: sampleOf(current.filter(hasDrifted)),
      due: sampleOf(due),
      dueLater: sampleOf(later),
      ...(dueTimes.length > 0 && { oldestDueAt: Math.min(...dueTimes) }),
      oldestHeld: [...Map.groupBy(held, ({ account }) => account).values()].map(firstCreated),
    };
  }
}

function sampleOf(activations: Activation[]): Sample {
  const flowLogs = activations.map(({ account, region, flowLogId }) => ({ account, region, flowLogId }));
  return { flowLogs, isCut: false };
}

function firstCreated(activations: Activation[]): Activation {
  return activations.reduce((first, one) => (one.createdAt < first.createdAt ? one : first));
}
