import { type Activation, isLeased } from '../model/activation.ts';
import { fail } from '../model/endings.ts';
import { NotCancellable, NotFound, StoreContended } from '../model/errors.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { writeTransition } from '../model/write-transition.ts';

export type CancelDeps = { store: ActivationStore; now: Clock; log: Log };

const TRIES = 10;

/**
 * Ends an activation that nobody has begun to carry out: failed with reason `cancelled`, its event, no dead letter.
 * Repeating it answers the same. Throws NotFound, and NotCancellable while it is being called, once Volcengine has
 * it, when it is final, or while other batches wait for it too.
 */
export async function cancelActivation(
  deps: CancelDeps,
  activationId: string,
  by: string,
): Promise<Activation> {
  for (let round = 0; round < TRIES; round += 1) {
    const activation = await deps.store.readActivation(activationId);
    if (activation === undefined) throw new NotFound('activation');
    if (activation.reason === 'cancelled') return activation;
    const now = deps.now();
    const obstacle = obstacleTo(activation, now);
    if (obstacle) throw new NotCancellable(obstacle);
    const cancelled = fail(activation, 'cancelled', now, activation.lastError, by);
    if (await writeTransition(deps.store, activation, cancelled)) {
      deps.log.info('activation cancelled', { activationId, generation: activation.generation, by });
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
