import { setTimeout as sleep } from 'node:timers/promises';
import { createRateLimiter } from '../../lib/activation/rate-limiter.ts';
import { numberOr, textOr } from '../../lib/runtime/configuration.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import { type Accounts, accountSettings } from './accounts.ts';
import { createCredentialsProvider } from './credentials.ts';

export const volcengineSettings = {
  ...accountSettings,
  endpoint: textOr('VOLCENGINE_ENDPOINT', 'https://open.volcengineapi.com'),
  workerConcurrency: numberOr('WORKER_CONCURRENCY', 2, 1, 1_000),
};

/** Rule 9: of all calls a second, so much is kept for the poller's reads, and for the looks before a redrive. */
const POLLER_SHARE = 0.2;
const REDRIVE_SHARE = 0.05;
/** Bursts of 10 at 4 a second, as the Terraform provider allows itself for VPC reads. */
const BURST_SECONDS = 2.5;

export function createApi(settings: { endpoint: string; callTimeoutMs: number }, accounts: Accounts) {
  return createFlowLogApi({
    transport: createTransport({ endpoint: settings.endpoint, timeoutMs: settings.callTimeoutMs }),
    credentials: createCredentialsProvider(accounts),
    clock: Date.now,
  });
}

/** A person who redrives a few must not wait for tokens. */
const LEAST_BURST = { worker: 1, poller: 1, redrive: 5 };

/** Each worker container takes an equal part of what is not kept for reads. */
export function createLimiter(
  caller: 'worker' | 'poller' | 'redrive',
  { ratePerSecond, workerConcurrency }: { ratePerSecond: number; workerConcurrency: number },
) {
  const workerShare = (1 - POLLER_SHARE - REDRIVE_SHARE) / workerConcurrency;
  const share = { poller: POLLER_SHARE, redrive: REDRIVE_SHARE, worker: workerShare }[caller];
  return createRateLimiter({
    ratePerSecond: ratePerSecond * share,
    burst: Math.max(LEAST_BURST[caller], Math.floor(ratePerSecond * share * BURST_SECONDS)),
    now: Date.now,
    sleep,
  });
}
