import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationJob } from '../model/ports.ts';

/**
 * The job for what a queued activation is now, delayed until its `dueAt`, which stands behind the job, says that it
 * is to be rung. It is ignored once the activation has another generation.
 */
export function jobFor(
  { activationId, generation, dueAt = 0 }: Pick<Activation, 'activationId' | 'generation' | 'dueAt'>,
  now: number,
  { requeueAfterMs }: Pick<Policy, 'requeueAfterMs'>,
): { job: ActivationJob; delayMs: number } {
  return { job: { activationId, generation }, delayMs: Math.max(0, dueAt - requeueAfterMs - now) };
}

/** Gives out places in the line of each account, from 0. */
export function positionsByAccount(): (flowLog: Pick<FlowLogRef, 'account'>) => number {
  const taken = new Map<string, number>();
  return ({ account }) => {
    const place = taken.get(account) ?? 0;
    taken.set(account, place + 1);
    return place;
  };
}
