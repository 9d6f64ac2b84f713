import { isOpen } from '../model/activation.ts';
import { DeactivationDisabled, OppositeRequestOpen } from '../model/errors.ts';
import { type Directed, goalOf } from '../model/goal.ts';
import type { ActivationStore } from '../model/ports.ts';
import type { ActivationRequest } from './request-activations.ts';

export type DirectionDeps = {
  store: Pick<ActivationStore, 'readManyCurrent' | 'readBatch'>;
  /** Whether this deployment takes deactivations. It is not, unless somebody has said so. */
  allowsDeactivation: boolean;
};

/** Throws DeactivationDisabled. */
export function requireAllowed(
  { allowsDeactivation }: Pick<DirectionDeps, 'allowsDeactivation'>,
  { desired }: Directed,
): void {
  if (desired !== undefined && !allowsDeactivation) throw new DeactivationDisabled();
}

/**
 * Throws OppositeRequestOpen if flow logs of a new request have an open request in the other direction, and names each of
 * them. One that opens at the same moment is met later, by openOrJoin, and then the request waits for its end. The
 * repetition of a stored request is never refused. Reads nothing for an activation where no deactivation is allowed.
 */
export async function requireNoOpposite(
  { store, allowsDeactivation }: DirectionDeps,
  { flowLogs, desired }: Pick<ActivationRequest, 'flowLogs' | 'desired'>,
  batchId: string,
): Promise<void> {
  if (desired === undefined && !allowsDeactivation) return;
  const { activations } = await store.readManyCurrent(flowLogs);
  const opposite = activations.filter((one) => isOpen(one) && one.desired !== desired);
  const [first] = opposite;
  if (first === undefined || (await store.readBatch(batchId))) return;
  throw new OppositeRequestOpen(
    opposite.map((one) => ({
      flowLogId: one.flowLogId,
      activationId: one.activationId,
      status: one.status,
      desired: goalOf(one).status,
    })),
    goalOf(first).noun,
  );
}
