import { parseHttpDate } from './http-date.ts';

/** SQS can delay a job no longer: the limit of DelaySeconds is 15 minutes. */
export const RETRY_AFTER_CAP_MS = 15 * 60_000;

/**
 * Returns the wait in milliseconds that a Retry-After header (seconds or an HTTP date) asks for, at most
 * RETRY_AFTER_CAP_MS. Returns undefined if the header is absent, malformed, zero or in the past.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1000 : (parseHttpDate(header) ?? 0) - nowMs;
  return delayMs > 0 ? Math.min(delayMs, RETRY_AFTER_CAP_MS) : undefined;
}
