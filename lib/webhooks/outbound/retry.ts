import { backoffMs, clampDelay, MAX_DELAY_MS } from '../../activation/model/policy.ts';
import type { Random } from '../../activation/model/ports.ts';
import type { HealthSignal } from './endpoint-circuit-breaker.ts';
import type { AttemptFailure } from './messages.ts';
import type { PostOutcome } from './ports.ts';

/** For so long an event is tried, from the first attempt on. */
export const RETRY_FOR_MS = 86_400_000;

export type AttemptVerdict =
  | { kind: 'delivered'; signal: HealthSignal }
  | { kind: 'gone'; signal: HealthSignal; failure: AttemptFailure }
  | { kind: 'retry'; signal: HealthSignal; failure: AttemptFailure; retryAfterMs: number };

/**
 * What an attempt came to, after Standard Webhooks, "Delivery success and failure": 2xx is delivered, 410 is for ever,
 * and everything else is tried again, redirects included. An endpoint that answers at all is up, unless it says that
 * it is overloaded or broken.
 */
export function classifyAttempt(outcome: PostOutcome, retryAfterMs: number | undefined): AttemptVerdict {
  if (outcome.kind === 'no-answer') {
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

/** Full-jitter backoff, not before Retry-After; the last attempt is made when the day is over. */
export function retryDelayMs(
  { attempt, firstAt, now }: { attempt: number; firstAt: number; now: number },
  { baseMs, retryAfterMs, random }: { baseMs: number; retryAfterMs: number; random: Random },
): number {
  const delayMs = Math.max(backoffMs(attempt, baseMs, MAX_DELAY_MS, random), retryAfterMs);
  return withinTheDay(delayMs, firstAt, now);
}

/**
 * How long a delivery is put aside while its endpoint is down: the longer the older it is, as it costs messages and
 * no attempt.
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
