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
 * Invariant 9: the shares of the rate for the poller, for redrives and for the drift check, beside the workers' share. At
 * 4 calls per second the drift check describes 20 flow logs per second.
 */
const POLLER_SHARE = 0.2;
const REDRIVE_SHARE = 0.05;
const DRIFT_SHARE = 0.05;
/**
 * A selection is short and rare, and a caller waits for it. It uses the whole rate in addition, and can be throttled.
 */
const SELECTION_SHARE = 1;

type CallSettings = { endpoint: string; callTimeoutMs: number };

export function createApi(settings: CallSettings, accounts: Accounts) {
  return createFlowLogApi(callerOptions(settings, accounts));
}

/** Finds flow logs by their attributes, not by their ids. */
export function createFinder(settings: CallSettings, accounts: Accounts) {
  return createFlowLogFinder(callerOptions(settings, accounts));
}

/** Call once per container, because each call creates its own cache of assumed roles. */
function callerOptions({ endpoint, callTimeoutMs }: CallSettings, accounts: Accounts): ActionCallerOptions {
  const connect = (url: string) => createTransport({ endpoint: url, timeoutMs: callTimeoutMs });
  const transport = endpoint === BY_REGION ? transportByHost(connect, accounts) : connect(endpoint);
  const clock = Date.now;
  const credentials = createCredentialsProvider(accounts, { transport, clock, log });
  return { transport, credentials, clock, scopeRefusal: scopeCheckOf(accounts) };
}

/** Creates one transport per host, at the first call to the host. */
function transportByHost(connect: (url: string) => Transport, accounts: Accounts) {
  const transports = new Map<string, Transport>();
  return (target: CallTarget): Transport => {
    const host = hostOf(brandOf(accounts, target.account), target);
    const transport = transports.get(host) ?? connect(`https://${host}`);
    transports.set(host, transport);
    return transport;
  };
}

/** The smallest burst per caller. A person who redrives a few activations must not wait for tokens. */
const LEAST_BURST = { worker: 1, poller: 1, redrive: 5, drift: 5, selection: 10 };

type Caller = keyof typeof LEAST_BURST;
type RateSettings = { ratePerSecond: number; workerConcurrency: number };

export function createLimiter(caller: Caller, settings: RateSettings) {
  return createRateLimiter({ ...rateOf(caller, settings), now: Date.now, sleep });
}

/** The rate and burst of one container. The workers share WORKER_SHARE equally. */
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
