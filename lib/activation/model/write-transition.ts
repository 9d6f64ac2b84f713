import type { Activation } from './activation.ts';
import type { ActivationStore } from './ports.ts';

type TransitionStore = Pick<ActivationStore, 'transition' | 'readActivation'>;

/**
 * Writes `next` over `previous`. False: another writer was faster, and nothing was written. If the response to our write
 * was lost and the SDK's retry was refused, the function recognises its own write and returns true.
 */
export async function writeTransition(
  store: TransitionStore,
  previous: Activation,
  next: Activation,
): Promise<boolean> {
  if (await store.transition(previous, next)) return true;
  const current = await store.readActivation(previous.activationId);
  return current?.version === previous.version + 1 && isSameState(current, next);
}

/**
 * Whether the record is most probably the one that this writer wrote: same status, generation, attempts, lease and
 * times.
 */
export function isSameState(current: Activation, written: Activation): boolean {
  return (
    current.status === written.status &&
    current.generation === written.generation &&
    current.attempts === written.attempts &&
    current.leaseId === written.leaseId &&
    current.dueAt === written.dueAt &&
    current.updatedAt === written.updatedAt
  );
}
