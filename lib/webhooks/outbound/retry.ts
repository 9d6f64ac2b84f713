import { backoffMs, clampDelay } from '../../activation/model/policy.ts';
import type { Random } from '../../activation/model/ports.ts';
import type { Sign } from './endpoint-circuit-breaker.ts';
import type { AttemptFailure } from './messages.ts';
import type { PostOutcome } from './ports.ts';

/** For so long an event is tried, from the first attempt on. */
export const RETRY_FOR_MS = 86_400_000;
/** A delayed message of SQS can wait no longer: docs "SendMessage", DelaySeconds. */
const CAP_MS = 900_000;

export type Judgement =
  | { kind: 'delivered'; sign: Sign }
  | { kind: 'gone'; sign: Sign; failure: AttemptFailure }
  | { kind: 'retry'; sign: Sign; failure: AttemptFailure; retryAfterMs: number };

/**
 * What an attempt came to, after Standard Webhooks, "Delivery success and failure": 2xx is delivered, 410 is for ever,
 * and everything else is tried again, redirects included. An endpoint that answers at all is up, unless it says that
 * it is overloaded or broken.
 */
export function judge(outcome: PostOutcome, retryAfterMs: number | undefined): Judgement {
  if (outcome.kind === 'no-answer') {
    const { code, message, timedOut } = outcome;
    const sign: Sign = { kind: timedOut ? 'hung' : 'down' };
    return { kind: 'retry', sign, failure: { code, message }, retryAfterMs: 0 };
  }
  const { httpStatus, excerpt } = outcome;
  const failure = { httpStatus, ...(excerpt !== '' && { excerpt }) };
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered', sign: { kind: 'up' } };
  if (httpStatus === 410) return { kind: 'gone', sign: { kind: 'up' }, failure };
  const isDown = httpStatus >= 500 || httpStatus === 429 || httpStatus === 408;
  const sign: Sign = isDown ? { kind: 'down', retryAfterMs } : { kind: 'up' };
  return { kind: 'retry', sign, failure, retryAfterMs: retryAfterMs ?? 0 };
}

/** Full-jitter backoff, not before Retry-After; the last attempt is made when the day is over. */
export function retryDelayMs(
  { attempt, firstAt, now }: { attempt: number; firstAt: number; now: number },
  { baseMs, retryAfterMs, random }: { baseMs: number; retryAfterMs: number; random: Random },
): number {
  const delayMs = Math.max(backoffMs(attempt, baseMs, CAP_MS, random), retryAfterMs);
  return withinTheDay(delayMs, firstAt, now);
}

/**
 * How long a delivery is put aside while its endpoint is down: the longer the older it is, as it costs messages and
 * no attempt.
 */
export function asideDelayMs(
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
