import { setTimeout } from 'node:timers/promises';
import { parseRetryAfter } from '../../lib/http/retry-after.ts';
import { ServiceUnreachable } from './errors.ts';
import type { SignRequest } from './sign.ts';

/** API Gateway itself gives up after 30 seconds. */
const ATTEMPT_TIMEOUT_MS = 35_000;
const BACKOFF_BASE_MS = 200;
const BACKOFF_CAP_MS = 5_000;
const RETRY_AFTER_CAP_MS = 30_000;

/** Errors of a connection that another try at once would meet again, unless the service was there before. */
const NOBODY_THERE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ERR_TLS_CERT_ALTNAME_INVALID']);

export type SendOptions = {
  sign?: () => Promise<SignRequest>;
  /** How often a request is sent again. */
  retries: number;
  fetch: typeof fetch;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

const sleepUntilAborted = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

/**
 * Returns what sends a request, and sends it again with full-jitter backoff: after 429 always, since API Gateway took
 * no notice of the request; after 503 and without a response only if the request is safe to repeat. `Retry-After` is
 * honoured. Every try is signed anew. Throws ServiceUnreachable without a response.
 */
export function createSend({
  sign,
  retries,
  fetch,
  sleep = sleepUntilAborted,
}: SendOptions): (request: Request) => Promise<Response> {
  let wasReached = false;
  return async (request) => {
    const { method, signal } = request;
    const url = new URL(request.url);
    const body = request.body === null ? undefined : await request.text();
    const headers = Object.fromEntries(request.headers);
    const isSafe = method !== 'POST' || request.headers.has('idempotency-key');
    for (let attempt = 0; ; attempt += 1) {
      const signed = sign === undefined ? headers : await (await sign())({ method, url, headers, body });
      const late = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
      const sent = fetch(url, { method, headers: signed, body, signal: AbortSignal.any([signal, late]) });
      const result = await sent.catch((error: unknown) => {
        signal.throwIfAborted();
        return new ServiceUnreachable(url.origin, error);
      });
      if (result instanceof Response) wasReached = true;
      if (attempt >= retries || !isWorthAnotherTry(result, isSafe, wasReached)) {
        if (result instanceof Error) throw result;
        return result;
      }
      await sleep(waitMs(result, attempt), signal);
    }
  };
}

function isWorthAnotherTry(result: Response | ServiceUnreachable, isSafe: boolean, wasReached: boolean) {
  if (result instanceof Error) return isSafe && (wasReached || !NOBODY_THERE.has(result.code));
  return result.status === 429 || (result.status === 503 && isSafe);
}

function waitMs(result: Response | ServiceUnreachable, attempt: number): number {
  const header = result instanceof Response ? result.headers.get('retry-after') : null;
  const backoffMs = Math.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
  return parseRetryAfter(header ?? undefined, Date.now(), RETRY_AFTER_CAP_MS) ?? backoffMs;
}
