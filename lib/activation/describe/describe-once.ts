import type { DescribeOutcome } from '../model/outcome.ts';
import type { Clock, FlowLogApi, Metrics, RateLimiter } from '../model/ports.ts';

export type DescribeDeps = {
  api: Pick<FlowLogApi, 'describeFlowLogs'>;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
};

/** No call was made: a token would have taken so long. */
export type NoToken = { waitMs: number };

/** `askedAt`: when the call began, behind the wait for a token. Both in ms since the epoch. */
export type Described = { outcome: DescribeOutcome; askedAt: number; answeredAt: number };

/**
 * One DescribeFlowLogs call for up to 100 ids under a rate token, the limiter told of what came of it.
 * No call is made if a token would take longer than `maxWaitMs`.
 */
export async function describeOnce(
  { api, limiter, metrics, now }: DescribeDeps,
  scope: { account: string; region: string },
  flowLogIds: string[],
  maxWaitMs: number,
): Promise<Described | NoToken> {
  const { account } = scope;
  const waitMs = await limiter.acquire(account, maxWaitMs);
  if (waitMs > 0) return { waitMs };
  const askedAt = now();
  const outcome = await api.describeFlowLogs(scope, flowLogIds);
  if (outcome.kind === 'throttled') {
    limiter.throttled(account);
    metrics.count('ThrottledCalls');
  } else {
    limiter.succeeded(account);
  }
  return { outcome, askedAt, answeredAt: now() };
}
