import type { Clock, RateLimiter } from './ports.ts';

type Bucket = { ratePerSecond: number; tokens: number; refilledAt: number; slowedAt: number };

export type RateLimiterOptions = {
  ratePerSecond: number;
  burst: number;
  now: Clock;
  sleep: (ms: number) => Promise<void>;
};

/** Several throttled calls of one burst count once. */
const SLOW_DOWN_AT_MOST_EVERY_MS = 1_000;
const LOWEST_SHARE = 1 / 64;
const RECOVERY_SHARE = 1 / 40;

/**
 * A token bucket per account. A caller reserves its token before it waits, so the wait is known in advance.
 * `throttled` halves the rate, down to 1/64 of the full rate; `succeeded` adds 1/40 of the full rate
 * (additive increase, multiplicative decrease).
 */
export function createRateLimiter({ ratePerSecond, burst, now, sleep }: RateLimiterOptions): RateLimiter {
  const buckets = new Map<string, Bucket>();

  const bucketOf = (account: string): Bucket => {
    const time = now();
    let bucket = buckets.get(account);
    if (!bucket) {
      bucket = { ratePerSecond, tokens: burst, refilledAt: time, slowedAt: Number.NEGATIVE_INFINITY };
      buckets.set(account, bucket);
    }
    const elapsedMs = Math.max(0, time - bucket.refilledAt);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * bucket.ratePerSecond) / 1000);
    bucket.refilledAt = time;
    return bucket;
  };

  return {
    async acquire(account, maxWaitMs) {
      const bucket = bucketOf(account);
      const waitMs = bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) * 1000) / bucket.ratePerSecond);
      if (waitMs > maxWaitMs) return waitMs;
      bucket.tokens -= 1;
      if (waitMs > 0) await sleep(waitMs);
      return 0;
    },
    release(account) {
      const bucket = bucketOf(account);
      bucket.tokens = Math.min(burst, bucket.tokens + 1);
    },
    throttled(account) {
      const bucket = bucketOf(account);
      if (Math.abs(bucket.refilledAt - bucket.slowedAt) < SLOW_DOWN_AT_MOST_EVERY_MS) return;
      bucket.slowedAt = bucket.refilledAt;
      bucket.ratePerSecond = Math.max(bucket.ratePerSecond / 2, ratePerSecond * LOWEST_SHARE);
      bucket.tokens = Math.min(bucket.tokens, 0);
    },
    succeeded(account) {
      const bucket = bucketOf(account);
      bucket.ratePerSecond = Math.min(ratePerSecond, bucket.ratePerSecond + ratePerSecond * RECOVERY_SHARE);
    },
  };
}
