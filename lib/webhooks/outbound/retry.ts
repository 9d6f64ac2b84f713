import { backoffMs, clampDelay, MAX_DELAY_MS } from '../../activation/model/policy.ts';
import type { Random } from '../../activation/model/ports.ts';
import type { HealthSignal } from './endpoint-circuit-breaker.ts';
import type { AttemptFailure } from './messages.ts';
import type { PostOutcome } from './ports.ts';

/** The time of retries after the delivery was created: one day. */
export const RETRY_FOR_MS = 86_400_000;

export type AttemptVerdict =
  | { kind: 'delivered'; signal: HealthSignal }
  /** Final. `refused`: a chat does not take this event, or has no such bot. */
  | { kind: 'gone' | 'refused'; signal: HealthSignal; failure: AttemptFailure }
  | { kind: 'retry'; signal: HealthSignal; failure: AttemptFailure; retryAfterMs: number };

/**
 * Classifies an attempt as Standard Webhooks says ("Delivery success and failure"): 2xx is delivered, 410 is final, and
 * everything else is retried, including redirects. An endpoint that responds is up, unless the status says that it is
 * overloaded or broken.
 */
export function classifyAttempt(outcome: PostOutcome, retryAfterMs: number | undefined): AttemptVerdict {
  if (outcome.kind === 'no-response') {
    const { code, message, timedOut } = outcome;
    const signal: HealthSignal = { kind: timedOut ? 'timed-out' : 'down' };
    return { kind: 'retry', signal, failure: { code, message }, retryAfterMs: 0 };
  }
  const { httpStatus, excerpt } = outcome;
  const failure = { httpStatus, ...(excerpt !== '' && { excerpt }) };
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered', signal: { kind: 'up' } };
  if (httpStatus === 410) return { kind: 'gone', signal: { kind: 'up' }, failure };
  const isDown = httpStatus >= 500 || httpStatus === 429 || httpStatus === 408;
  const signal: HealthSignal = isDown ? { kind: 'down', retryAfterMs } : { kind: 'up' };
  return { kind: 'retry', signal, failure, retryAfterMs: retryAfterMs ?? 0 };
}

/** Full-jitter backoff, at least Retry-After. The last attempt is made at the end of the day. */
export function retryDelayMs(
  { attempt, firstAt, now }: { attempt: number; firstAt: number; now: number },
  { baseMs, retryAfterMs, random }: { baseMs: number; retryAfterMs: number; random: Random },
): number {
  const delayMs = Math.max(backoffMs(attempt, baseMs, MAX_DELAY_MS, random), retryAfterMs);
  return withinTheDay(delayMs, firstAt, now);
}

/**
 * The delay of a delivery whose endpoint is down. It grows with the age of the delivery, because each deferral costs
 * messages without an attempt.
 */
export function deferralDelayMs(
  { firstAt, now }: { firstAt: number; now: number },
  { waitMs, random }: { waitMs: number; random: Random },
): number {
  return withinTheDay(Math.max(waitMs, random() * (now - firstAt)), firstAt, now);
}

export function isDayOver({ firstAt, now }: { firstAt: number; now: number }): boolean {
  return now - firstAt >= RETRY_FOR_MS;
}

function withinTheDay(delayMs: number, firstAt: number, now: number): number {
  return clampDelay(Math.min(delayMs, firstAt + RETRY_FOR_MS - now));
}
