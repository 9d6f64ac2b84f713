import type { Policy } from './policy.ts';

/** Invariant 9: the share of the calls per second that is for ActiveFlowLog. The rest is for DescribeFlowLogs. */
export const WORKER_SHARE = 0.7;
/** A burst is 10 calls at 4 calls per second, as in the Terraform provider's limit for VPC reads. */
export const BURST_SECONDS = 2.5;

/**
 * Spreads a large request over time: the jobs of an account arrive no faster than the workers' share of its rate limit.
 * The first burst is not delayed. The next jobs wait until half of the burst's tokens are back: one worker cannot use
 * the tokens of another. `position` counts the jobs of the account from 0.
 */
export function pacingDelayMs(position: number, { ratePerSecond }: Pick<Policy, 'ratePerSecond'>): number {
  const callsPerSecond = ratePerSecond * WORKER_SHARE;
  const burst = Math.max(1, Math.floor(callsPerSecond * BURST_SECONDS));
  return position < burst ? 0 : Math.ceil(((position + 1 - burst / 2) * 1_000) / callsPerSecond);
}
