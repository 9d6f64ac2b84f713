import { setTimeout as sleep } from 'node:timers/promises';
import { BURST_SECONDS, WORKER_SHARE } from '../../lib/activation/model/pacing.ts';
import { createRateLimiter } from '../../lib/activation/model/rate-limiter.ts';
import { type Accounts, accountSettings, brandOf, scopeCheckOf } from '../../lib/config/accounts.ts';
import { wholeNumberOr } from '../../lib/config/settings.ts';
import { log } from '../../lib/runtime/telemetry.ts';
import type { ActionCallerOptions } from '../../lib/volcengine/call-action.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { BY_REGION, type CallTarget, hostOf } from '../../lib/volcengine/hosts.ts';
import { createFlowLogFinder } from '../../lib/volcengine/select-flow-logs.ts';
import { createTransport, type Transport } from '../../lib/volcengine/transport.ts';
import { createCredentialsProvider } from './credentials.ts';
import { endpointSettings, regionSettings } from './workflow.ts';

export const volcengineSettings = {
  ...accountSettings,
  ...regionSettings,
  ...endpointSettings,
  workerConcurrency: wholeNumberOr('WORKER_CONCURRENCY', 2, 2, 1_000),
};

/**
 * Invariant 9: beside the workers' part, so much is kept for the poller's reads, for the looks before a redrive, and for
 * the check for drift, which is in no hurry: at 4 a second it asks about 20 flow logs a second.
 */
const POLLER_SHARE = 0.2;
const REDRIVE_SHARE = 0.05;
const DRIFT_SHARE = 0.05;
/** Selections are short, rare, and kept waiting for: they take the whole rate beside the others, and bear a throttling. */
const SELECTION_SHARE = 1;

type CallSettings = { endpoint: string; callTimeoutMs: number };

export function createApi(settings: CallSettings, accounts: Accounts) {
  return createFlowLogApi(callerOptions(settings, accounts));
}

/** Finds flow logs by their attributes instead of by their ids. */
export function createFinder(settings: CallSettings, accounts: Accounts) {
  return createFlowLogFinder(callerOptions(settings, accounts));
}

/** Once in a container: with a second one it would assume its roles twice. */
function callerOptions({ endpoint, callTimeoutMs }: CallSettings, accounts: Accounts): ActionCallerOptions {
  const connect = (url: string) => createTransport({ endpoint: url, timeoutMs: callTimeoutMs });
  const transport = endpoint === BY_REGION ? transportByHost(connect, accounts) : connect(endpoint);
  const clock = Date.now;
  const credentials = createCredentialsProvider(accounts, { transport, clock, log });
  return { transport, credentials, clock, scopeRefusal: scopeCheckOf(accounts) };
}

/** One for each host that is called, from the first call on. */
function transportByHost(connect: (url: string) => Transport, accounts: Accounts) {
  const transports = new Map<string, Transport>();
  return (target: CallTarget): Transport => {
    const host = hostOf(brandOf(accounts, target.account), target);
    const transport = transports.get(host) ?? connect(`https://${host}`);
    transports.set(host, transport);
    return transport;
  };
}

/** A person who redrives a few must not wait for tokens. */
const LEAST_BURST = { worker: 1, poller: 1, redrive: 5, drift: 5, selection: 10 };

type Caller = keyof typeof LEAST_BURST;
type RateSettings = { ratePerSecond: number; workerConcurrency: number };

export function createLimiter(caller: Caller, settings: RateSettings) {
  return createRateLimiter({ ...rateOf(caller, settings), now: Date.now, sleep });
}

/** One container's part of the rate: each worker has an equal one of what is not kept for others. */
export function rateOf(caller: Caller, { ratePerSecond, workerConcurrency }: RateSettings) {
  const share = {
    poller: POLLER_SHARE,
    redrive: REDRIVE_SHARE,
    drift: DRIFT_SHARE,
    worker: WORKER_SHARE / workerConcurrency,
    selection: SELECTION_SHARE,
  }[caller];
  return {
    ratePerSecond: ratePerSecond * share,
    burst: Math.max(LEAST_BURST[caller], Math.floor(ratePerSecond * share * BURST_SECONDS)),
  };
}
