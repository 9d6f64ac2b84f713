import * as v from 'valibot';
import { ApiError } from './api-error.ts';

export const ThrottleSchema = v.strictObject({
  callsPerSecond: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  burst: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  code: v.optional(
    v.picklist(['AccountFlowLimitExceeded', 'FlowLimitExceeded', 'RequestLimitExceeded']),
    'AccountFlowLimitExceeded',
  ),
  retryAfterSeconds: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

export type ThrottleSetting = v.InferOutput<typeof ThrottleSchema>;

/** A token bucket for each account, all of one size. Without a setting nothing is throttled. */
export class Throttle {
  readonly #now: () => number;
  #setting: ThrottleSetting | undefined;
  readonly #buckets = new Map<string, { tokens: number; filledAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get setting(): ThrottleSetting | undefined {
    return this.#setting;
  }

  /** Every bucket is full again. */
  configure(setting: ThrottleSetting | undefined): void {
    this.#setting = setting;
    this.#buckets.clear();
  }

  /** Throws the ApiError of a throttled call. */
  take(account: string): void {
    const setting = this.#setting;
    if (setting === undefined) return;
    const now = this.#now();
    const bucket = this.#buckets.get(account) ?? { tokens: setting.burst, filledAt: now };
    const gained = (Math.max(0, now - bucket.filledAt) / 1000) * setting.callsPerSecond;
    const tokens = Math.min(setting.burst, bucket.tokens + gained);
    this.#buckets.set(account, { tokens: tokens < 1 ? tokens : tokens - 1, filledAt: now });
    if (tokens >= 1) return;
    const { retryAfterSeconds } = setting;
    throw new ApiError(
      setting.code,
      'The request was rejected because of too many calls.',
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    );
  }
}
