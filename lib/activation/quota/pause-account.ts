import type { Clock, Log } from '../model/ports.ts';
import type { PauseSwitch } from './account-quota.ts';
import type { Pause } from './quota-state.ts';

export type PauseDeps = { pauses: PauseSwitch; now: Clock; log: Log };

/**
 * Stops all calls to Volcengine for an account, in all containers: those that have a token already are made, at most a
 * second later. Requests are still taken, and wait. Deadlines do not end anything meanwhile (Invariant 10).
 * Idempotent: an account that is paused keeps who paused it first. Throws StoreContended.
 */
export async function pauseAccount(
  { pauses, now, log }: PauseDeps,
  account: string,
  { by, why }: { by: string; why?: string | undefined },
): Promise<Pause> {
  const pause = await pauses.pause(account, {
    pausedAt: now(),
    pausedBy: by,
    ...(why !== undefined && { pausedWhy: why }),
  });
  log.info('account paused', { account, by, why, since: new Date(pause.pausedAt).toISOString() });
  return pause;
}

/** Lets the account be called again. What waits goes on within half a minute. Idempotent. Throws StoreContended. */
export async function resumeAccount({ pauses, log }: PauseDeps, account: string, by: string): Promise<void> {
  const ended = await pauses.resume(account);
  log.info('account resumed', { account, by, wasPaused: ended !== undefined, pausedBy: ended?.pausedBy });
}
