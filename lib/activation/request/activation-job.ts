import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { ActivationJob, DelayedJob } from '../model/message-ports.ts';
import { MAX_DELAY_MS, type Policy } from '../model/policy.ts';
import type { TurnPlanner } from '../model/ports.ts';

/**
 * The SQS message for a queued activation, delayed so that it arrives `requeueAfterMs` before the poller would requeue
 * it. The worker ignores it if the activation has another generation by then.
 */
export function jobFor(
  { activationId, generation, dueAt = 0 }: Pick<Activation, 'activationId' | 'generation' | 'dueAt'>,
  now: number,
  { requeueAfterMs }: Pick<Policy, 'requeueAfterMs'>,
): DelayedJob {
  return atTurn({ activationId, generation }, dueAt - requeueAfterMs, now);
}

/** Delays a job until its turn, see TurnPlanner. */
export function atTurn({ activationId, generation }: ActivationJob, turnAt: number, now: number): DelayedJob {
  const delayMs = Math.max(0, turnAt - now);
  return { job: { activationId, generation, ...(delayMs > MAX_DELAY_MS && { turnAt }) }, delayMs };
}

/** The accounts of the flow logs for which nothing may be called now. */
export async function pausedAccountsOf(
  flowLogs: readonly Pick<FlowLogRef, 'account'>[],
  turns: Pick<TurnPlanner, 'availability'>,
): Promise<Set<string>> {
  const accounts = [...new Set(flowLogs.map(({ account }) => account))];
  const availabilities = await Promise.all(accounts.map((account) => turns.availability(account)));
  return new Set(accounts.filter((_, index) => availabilities[index] === 'paused'));
}

/** Returns the turn of the job of each flow log. `turnsOf` returns the turns of one account, in order. */
export async function turnsFor(
  flowLogs: readonly Pick<FlowLogRef, 'account'>[],
  turnsOf: (account: string, count: number) => Promise<number[]>,
): Promise<number[]> {
  const turns: number[] = new Array(flowLogs.length);
  const byAccount = Map.groupBy(flowLogs.keys(), (index) => flowLogs[index]?.account ?? '');
  await Promise.all(
    [...byAccount].map(async ([account, indexes]) => {
      const ofAccount = await turnsOf(account, indexes.length);
      for (const [position, index] of indexes.entries()) turns[index] = ofAccount[position] ?? 0;
    }),
  );
  return turns;
}
