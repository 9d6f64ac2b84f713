import { type CallFailure, retryAfterMsOf } from './outcome.ts';
import type { DuePeriod, Random } from './ports.ts';

/** The durations and limits of the workflow. Durations are in milliseconds. */
export type Policy = {
  /** The length of a worker's lease for one call. Longer than `callTimeoutMs`. */
  leaseMs: number;
  /** The HTTP timeout of one call to Volcengine. A call starts only if the lease lasts longer than this. */
  callTimeoutMs: number;
  /** How long the poller waits for a job before it enqueues the job again. At least the queue's visibility timeout. */
  requeueAfterMs: number;
  retryBaseMs: number;
  retryCapMs: number;
  /** The retry interval of an activation on hold. */
  holdMs: number;
  activationDeadlineMs: number;
  pendingDeadlineMs: number;
  /**
   * The maximum age of the state that DescribeFlowLogs shows, because a replica can lag behind. One observation that
   * this lag can explain ends nothing. The value is an assumption: Volcengine publishes no figure.
   */
  replicaLagMs: number;
  /** Calls per second to each account, from the whole deployment. */
  ratePerSecond: number;
  tickMs: number;
};

/** The limit of SQS: 15 minutes, see DelaySeconds in the documentation of SendMessage. */
export const MAX_DELAY_MS = 900_000;

const MIN_DELAY_MS = 1_000;
/** Volcengine finishes a call that is "still being processed" within seconds. */
const SOON_CAP_MS = 5_000;

/**
 * Exponential backoff with full jitter, from 1 second to 15 minutes. The server's Retry-After is a lower bound.
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
  const retryAfterMs = retryAfterMsOf(failure) ?? 0;
  return clampDelay(Math.max(jittered, retryAfterMs));
}

/** Exponential backoff with full jitter; `attempts` counts from 1. */
export function backoffMs(attempts: number, baseMs: number, capMs: number, random: Random): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempts, 1), 40));
  return clampDelay(random() * ceiling);
}

/** The nearest delay that a job can have: 1 second to 15 minutes, in whole milliseconds. */
export function clampDelay(ms: number): number {
  return Math.round(Math.min(MAX_DELAY_MS, Math.max(MIN_DELAY_MS, ms)));
}

/** A pending flow log is polled in every tick for this long. The API normally changes its status within seconds. */
const EVERY_TICK_FOR_MS = 300_000;
/** After that it is polled this often. */
const LATER_EVERY_MS = 30_000;

/**
 * Whether the tick that covers (lastTickAt, now] polls a pending activation. It depends only on the activation's age,
 * so that a poll without a change needs no write.
 */
export function isPollDue(pendingAt: number, lastTickAt: number, now: number): boolean {
  return isRecent(pendingAt, now) || coversAllDue(lastTickAt, now);
}

/** Due for less than EVERY_TICK_FOR_MS: every tick processes it. */
export function isRecent(dueAt: number, now: number): boolean {
  return now - dueAt < EVERY_TICK_FOR_MS;
}

/**
 * What the tick that covers (lastTickAt, now] reads: every 30 s everything that is due, otherwise only what is recent.
 */
export function duePeriod(lastTickAt: number, now: number): DuePeriod {
  return { from: coversAllDue(lastTickAt, now) ? 0 : now - EVERY_TICK_FOR_MS, until: now };
}

function coversAllDue(lastTickAt: number, now: number): boolean {
  return Math.floor(now / LATER_EVERY_MS) !== Math.floor(lastTickAt / LATER_EVERY_MS);
}
