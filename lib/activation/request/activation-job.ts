import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationJob } from '../model/ports.ts';

/**
 * The SQS message for a queued activation, delayed so that it arrives `requeueAfterMs` before the poller would requeue
 * it. The worker ignores it if the activation has another generation by then.
 */
export function jobFor(
  { activationId, generation, dueAt = 0 }: Pick<Activation, 'activationId' | 'generation' | 'dueAt'>,
  now: number,
  { requeueAfterMs }: Pick<Policy, 'requeueAfterMs'>,
): { job: ActivationJob; delayMs: number } {
  return { job: { activationId, generation }, delayMs: Math.max(0, dueAt - requeueAfterMs - now) };
}

/** Returns a counter: the next position among the jobs of an account, from 0. */
export function positionsByAccount(): (flowLog: Pick<FlowLogRef, 'account'>) => number {
  const counts = new Map<string, number>();
  return ({ account }) => {
    const position = counts.get(account) ?? 0;
    counts.set(account, position + 1);
    return position;
  };
}
