import { parseHttpDate } from './http-date.ts';

/**
 * Returns the wait in milliseconds that a Retry-After header (seconds or an HTTP date) asks for, at most
 * `capMs`. Returns undefined if the header is absent, malformed, zero or in the past.
 */
export function parseRetryAfter(
  header: string | undefined,
  nowMs: number,
  capMs: number,
): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header) ? Number(header) * 1000 : (parseHttpDate(header) ?? 0) - nowMs;
  return delayMs > 0 ? Math.min(delayMs, capMs) : undefined;
}
