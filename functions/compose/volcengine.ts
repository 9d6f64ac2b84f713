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

/** Rule 9: of all calls a second, so much is kept for the poller's reads. */
const POLLER_SHARE = 0.25;
/** Bursts of 10 at 4 a second, as the Terraform provider allows itself for VPC reads. */
const BURST_SECONDS = 2.5;

export function createApi(settings: { endpoint: string; callTimeoutMs: number }, accounts: Accounts) {
  return createFlowLogApi({
    transport: createTransport({ endpoint: settings.endpoint, timeoutMs: settings.callTimeoutMs }),
    credentials: createCredentialsProvider(accounts),
    clock: Date.now,
  });
}

/** Each worker container takes an equal part of what is not the poller's. */
export function createLimiter(
  caller: 'worker' | 'poller',
  { ratePerSecond, workerConcurrency }: { ratePerSecond: number; workerConcurrency: number },
) {
  const share = caller === 'poller' ? POLLER_SHARE : (1 - POLLER_SHARE) / workerConcurrency;
  return createRateLimiter({
    ratePerSecond: ratePerSecond * share,
    burst: Math.max(1, Math.floor(ratePerSecond * share * BURST_SECONDS)),
    now: Date.now,
    sleep,
  });
}
