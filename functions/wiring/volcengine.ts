import { type Accounts, brandOf, scopeCheckOf } from '../../lib/config/accounts.ts';
import type { LiveConfiguration } from '../../lib/config/live-configuration.ts';
import { log } from '../../lib/runtime/telemetry.ts';
import type { ActionCallerOptions } from '../../lib/volcengine/call-action.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { BY_REGION, type CallTarget, hostOf } from '../../lib/volcengine/hosts.ts';
import { createFlowLogFinder } from '../../lib/volcengine/select-flow-logs.ts';
import { createTransport, type Transport } from '../../lib/volcengine/transport.ts';
import { liveSettings } from './configuration.ts';
import { createCredentialsProvider } from './credentials.ts';
import { endpointSettings, regionSettings } from './workflow.ts';

export const volcengineSettings = {
  ...liveSettings,
  ...regionSettings,
  ...endpointSettings,
};

type CallSettings = { endpoint: string; callTimeoutMs: number };

/** Reads the configuration again before a call, at most once a minute: what calls nothing reads nothing. */
export function createApi(settings: CallSettings, configuration: LiveConfiguration) {
  return createFlowLogApi(callerOptions(settings, configuration));
}

/** Finds flow logs by their attributes, not by their ids. */
export function createFinder(settings: CallSettings, configuration: LiveConfiguration) {
  return createFlowLogFinder(callerOptions(settings, configuration));
}

/** Call once per container, because each call creates its own cache of assumed roles. */
function callerOptions(
  { endpoint, callTimeoutMs }: CallSettings,
  { accounts, refresh }: LiveConfiguration,
): ActionCallerOptions {
  const connect = (url: string) => createTransport({ endpoint: url, timeoutMs: callTimeoutMs });
  const transport = endpoint === BY_REGION ? transportByHost(connect, accounts) : connect(endpoint);
  const clock = Date.now;
  const credentials = createCredentialsProvider(accounts, { transport, clock, log });
  return { transport, credentials, clock, beforeCall: refresh, scopeRefusal: scopeCheckOf(accounts) };
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
