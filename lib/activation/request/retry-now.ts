import { mapSettled } from '../../runtime/concurrency.ts';
import { type Activation, isLeased } from '../model/activation.ts';
import { AccountPaused, NotRetryable, StoreContended } from '../model/errors.ts';
import type { ActivationQueue } from '../model/message-ports.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationStore, Clock, Log, TurnPlanner } from '../model/ports.ts';
import { retryAtTurn } from '../model/queueing.ts';
import { idsOf } from '../model/tracing.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor, pausedAccountsOf, turnsFor } from './activation-job.ts';

export type RetryDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  turns: TurnPlanner;
  now: Clock;
  policy: Policy;
  log: Log;
};

/** Without an error its next call is planned. */
export type Retried = { activation: Activation; error: Error | undefined };

const WRITES_AT_ONCE = 16;

/**
 * Plans the next call of activations that wait for a retry, or are on hold, for the next turns of their accounts. The
 * jobs of their old retries come all the same, and change nothing. Each is decided on its own; its error is its result.
 */
export async function retryNow(deps: RetryDeps, waiting: Activation[], by: string): Promise<Retried[]> {
  const { store, queue, turns, policy, log } = deps;
  const paused = await pausedAccountsOf(waiting, turns);
  const checked = waiting.map((activation) => ({
    activation,
    error: paused.has(activation.account)
      ? new AccountPaused(activation.account)
      : obstacleTo(activation, deps.now()),
  }));
  const eligible = checked.flatMap(({ activation, error }) => (error ? [] : activation));
  const planned = await turnsFor(eligible, turns.planTurns);
  const now = deps.now();
  const nexts = await mapSettled(eligible, WRITES_AT_ONCE, async (activation, index) => {
    const next = retryAtTurn(activation, by, planned[index] ?? now, now, policy);
    return (await writeTransition(store, activation, next)) ? next : new StoreContended();
  });
  const retried = nexts.flatMap((next) => (next instanceof Error ? [] : next));
  if (retried.length > 0) await queue.enqueue(retried.map((next) => jobFor(next, now, policy)));
  for (const next of retried) log.info('retried now', { ...idsOf(next), generation: next.generation, by });
  const refused = checked.filter(({ error }) => error !== undefined);
  const tried = eligible.map((activation, index) => {
    const next = nexts[index];
    return { activation, error: next instanceof Error ? next : undefined };
  });
  return [...refused, ...tried];
}

function obstacleTo(activation: Activation, now: number): NotRetryable | undefined {
  const { status, deadlineAt, lastError } = activation;
  if (status === 'pending') return new NotRetryable('Volcengine has been called for it');
  if (status !== 'queued') return new NotRetryable(`it has ${status} already`);
  if (isLeased(activation, now)) return new NotRetryable('Volcengine is being called for it');
  if (now >= deadlineAt) return new NotRetryable('its deadline is over');
  return lastError === undefined ? new NotRetryable('it waits for its first call') : undefined;
}
