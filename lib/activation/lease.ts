import { type Activation, isLeased } from './model/activation.ts';
import type { ActivationJob } from './model/message-ports.ts';
import { leaseForCall } from './model/transitions.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** A join between the read and the write refuses the lease, or the move of `dueAt`. After this many tries the poller enqueues the job again. */
export const LEASE_TRIES = 5;

/** Whether the job may call for it now: its generation is queued, unleased and before its deadline. */
export function isCallable(
  activation: Activation | undefined,
  { generation }: ActivationJob,
  now: number,
): activation is Activation {
  return (
    activation !== undefined &&
    !activation.archived &&
    activation.generation === generation &&
    activation.status === 'queued' &&
    !isLeased(activation, now) &&
    now < activation.deadlineAt
  );
}

/** Takes the lease for one call (Invariant 6). Returns undefined if there is nothing to call for any more. */
export async function lease(
  deps: WorkerDeps,
  job: ActivationJob,
  found: Activation,
): Promise<Activation | undefined> {
  let activation: Activation | undefined = found;
  for (let tries = 0; tries < LEASE_TRIES; tries += 1) {
    const now = deps.now();
    if (!isCallable(activation, job, now)) return undefined;
    const leased = leaseForCall(activation, deps.newLeaseId(), now, deps.policy);
    if (await deps.store.transition(activation, leased)) return leased;
    // Refused: another writer was faster, or the SDK repeated our own write after its response was lost.
    activation = await deps.store.readActivation(job.activationId);
    if (activation?.leaseId === leased.leaseId) return activation;
  }
  return undefined;
}
