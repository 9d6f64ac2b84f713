import { type Activation, isLeased } from '../model/activation.ts';
import { fail } from '../model/endings.ts';
import { NotCancellable, NotFound, StoreContended } from '../model/errors.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { idsOf } from '../model/tracing.ts';
import { writeTransition } from '../model/write-transition.ts';

export type CancelDeps = { store: ActivationStore; now: Clock; log: Log };

const WRITE_TRIES = 10;

/**
 * Cancels a queued activation: it fails with reason `cancelled`, publishes its failed event and has no dead letter.
 * Idempotent. With `expected` it cancels this generation only. Throws NotFound and StoreContended, and NotCancellable while a worker calls Volcengine for it, if it is
 * pending or final, or if other batches wait for it.
 */
export async function cancelActivation(
  deps: CancelDeps,
  activationId: string,
  by: string,
  expected?: number,
): Promise<Activation> {
  for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
    const activation = await deps.store.readActivation(activationId);
    if (activation === undefined) throw new NotFound('activation');
    const { generation } = activation;
    if (generation !== (expected ?? generation))
      throw new NotCancellable(`it is of generation ${generation}`);
    if (activation.reason === 'cancelled') return activation;
    const now = deps.now();
    const obstacle = obstacleTo(activation, now);
    if (obstacle) throw new NotCancellable(obstacle);
    const cancelled = fail(activation, 'cancelled', now, activation.lastError, by);
    if (await writeTransition(deps.store, activation, cancelled)) {
      deps.log.info('activation cancelled', { ...idsOf(cancelled), generation, by });
      return cancelled;
    }
  }
  throw new StoreContended();
}

function obstacleTo(activation: Activation, now: number): string | undefined {
  if (activation.status === 'completed' || activation.status === 'failed') {
    return `it has ${activation.status} already`;
  }
  if (activation.status === 'pending') return 'Volcengine has been called for it';
  if (isLeased(activation, now)) return 'Volcengine is being called for it';
  const { length } = activation.joiners;
  return length > 0 ? `${length} other ${length === 1 ? 'batch waits' : 'batches wait'} for it` : undefined;
}
