import type { DescribeOutcome } from '../model/outcome.ts';
import type { Clock, FlowLogApi, Metrics, RateLimiter } from '../model/ports.ts';

export type DescribeDeps = {
  api: Pick<FlowLogApi, 'describeFlowLogs'>;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
};

/** No call was made. A token would have taken `waitMs`; 0 or less if the time was over. */
export type NotCalled = { waitMs: number };

/** `calledAt`: when the call started, after the wait for a token. Times in ms since the epoch. */
export type Described = { outcome: DescribeOutcome; calledAt: number; repliedAt: number };

/**
 * Makes one DescribeFlowLogs call for up to 100 ids with a rate token, and reports its outcome to the limiter.
 * Makes no call if a token would take longer than `maxWaitMs`.
 */
export async function describeOnce(
  { api, limiter, metrics, now }: DescribeDeps,
  scope: { account: string; region: string },
  flowLogIds: string[],
  maxWaitMs: number,
): Promise<Described | NotCalled> {
  const { account } = scope;
  const waitMs = await limiter.acquire(account, maxWaitMs);
  if (waitMs > 0) return { waitMs };
  const calledAt = now();
  const outcome = await api.describeFlowLogs(scope, flowLogIds);
  if (outcome.kind === 'throttled') {
    await limiter.throttled(account);
    metrics.count('ThrottledCalls');
  }
  return { outcome, calledAt, repliedAt: now() };
}
