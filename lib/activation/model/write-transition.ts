import type { Activation } from './activation.ts';
import type { ActivationStore } from './ports.ts';

type TransitionStore = Pick<ActivationStore, 'transition' | 'readActivation'>;

/**
 * Writes `next` over `previous`. False: another writer was faster, and nothing was written. A write that is refused
 * only because its answer was lost, and the SDK sent it again, is recognised as made.
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

/** Whether the record is what this writer wrote, as far as one can tell: state, generation, attempt and time. */
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
