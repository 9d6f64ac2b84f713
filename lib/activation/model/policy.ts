import type { CallFailure } from './outcome.ts';
import type { DuePeriod, Random } from './ports.ts';

/** Every duration that the workflow decides by, in milliseconds. */
export type Policy = {
  /** How long a worker may hold an activation for one call; longer than the HTTP timeout. */
  leaseMs: number;
  /** The HTTP timeout of one call to Volcengine: a call is begun only with more lease left than this. */
  callTimeoutMs: number;
  /** How long a job gets before the poller rings again: at least the queue's visibility timeout. */
  requeueAfterMs: number;
  retryBaseMs: number;
  retryCapMs: number;
  /** How rarely a held activation tries again. */
  holdMs: number;
  activationDeadlineMs: number;
  pendingDeadlineMs: number;
  /**
   * How old the state may be that DescribeFlowLogs shows, since a replica may lag behind. One observation that is
   * younger than this ends nothing. An assumption: Volcengine publishes none.
   */
  replicaLagMs: number;
  /** Calls a second to each account, by the whole deployment. */
  ratePerSecond: number;
  tickMs: number;
};

/** Invariant 9: what calls of ActiveFlowLog have of all calls a second; the rest is kept for those who read. */
export const WORKER_SHARE = 0.7;
/** Bursts of 10 at 4 a second, as the Terraform provider allows itself for VPC reads. */
export const BURST_SECONDS = 2.5;

/**
 * How long a job waits in an account's line, so that it comes when a worker has a token for it: those of the first
 * burst not at all, and the others until half of what the burst took is there again, since a worker's tokens are of no
 * use to another. `position` counts from 0.
 */
export function pacingDelayMs(position: number, { ratePerSecond }: Pick<Policy, 'ratePerSecond'>): number {
  const callsPerSecond = ratePerSecond * WORKER_SHARE;
  const burst = Math.max(1, Math.floor(callsPerSecond * BURST_SECONDS));
  return position < burst ? 0 : Math.ceil(((position + 1 - burst / 2) * 1_000) / callsPerSecond);
}

/** SQS's own limit for DelaySeconds is 15 minutes: docs "SendMessage", DelaySeconds. */
export const MAX_DELAY_MS = 900_000;

const MIN_DELAY_MS = 1_000;
/** A token "still being processed" is a matter of seconds. */
const SOON_CAP_MS = 5_000;

/**
 * Full jitter (uniform below the exponential), never under a second or over 15 minutes; the server's
 * Retry-After is a lower bound.
 */
export function retryDelayMs(
  failure: CallFailure,
  attempts: number,
  policy: Pick<Policy, 'retryBaseMs' | 'retryCapMs' | 'holdMs'>,
  random: Random,
): number {
  if (failure.kind === 'hold') return clampDelay(policy.holdMs * (0.75 + random() / 2));
  const soon = failure.kind === 'retry' && failure.soon === true;
  const cap = soon ? Math.min(SOON_CAP_MS, policy.retryCapMs) : policy.retryCapMs;
  const jittered = backoffMs(attempts, policy.retryBaseMs, cap, random);
  const retryAfterMs = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  return clampDelay(Math.max(jittered, retryAfterMs));
}

/** Exponential backoff with full jitter; `attempts` counts from 1. */
export function backoffMs(attempts: number, baseMs: number, capMs: number, random: Random): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempts, 1), 40));
  return clampDelay(random() * ceiling);
}

/** A whole number of milliseconds that a job can be delayed by. */
export function clampDelay(ms: number): number {
  return Math.round(Math.min(MAX_DELAY_MS, Math.max(MIN_DELAY_MS, ms)));
}

/** For so long a pending flow log is asked about in every tick; the API's own changes take seconds. */
const EVERY_TICK_FOR_MS = 300_000;
const LATER_EVERY_MS = 30_000;

/**
 * Whether a pending activation is asked about in the tick that covers (lastTickAt, now]. Derived from its age
 * alone, so that polling which changes nothing writes nothing.
 */
export function isPollDue(pendingAt: number, lastTickAt: number, now: number): boolean {
  return isRecent(pendingAt, now) || isForAll(lastTickAt, now);
}

/** Due for less than this at `now`: looked at in every tick. */
export function isRecent(dueAt: number, now: number): boolean {
  return now - dueAt < EVERY_TICK_FOR_MS;
}

/** What the tick that covers (lastTickAt, now] takes up: all that is due each half minute, in between what is recent. */
export function duePeriod(lastTickAt: number, now: number): DuePeriod {
  return { from: isForAll(lastTickAt, now) ? 0 : now - EVERY_TICK_FOR_MS, until: now };
}

function isForAll(lastTickAt: number, now: number): boolean {
  return Math.floor(now / LATER_EVERY_MS) !== Math.floor(lastTickAt / LATER_EVERY_MS);
}
