import { parseHttpDate } from './http-date.ts';

/** As long as a job can be delayed: 15 minutes is the limit of SQS DelaySeconds. */
export const RETRY_AFTER_CAP_MS = 15 * 60_000;

/**
 * How long a Retry-After header (seconds or an HTTP date) asks to wait, at most RETRY_AFTER_CAP_MS.
 * Undefined when it says nothing usable: absent, malformed, zero or past.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1000 : (parseHttpDate(header) ?? 0) - nowMs;
  return delayMs > 0 ? Math.min(delayMs, RETRY_AFTER_CAP_MS) : undefined;
}
