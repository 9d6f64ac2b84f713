import type { CallFailure } from '../activation/model/outcome.ts';
import { MAX_DELAY_MS } from '../activation/model/policy.ts';
import type { Clock, ScopeCheck } from '../activation/model/ports.ts';
import { parseRetryAfter } from '../http/retry-after.ts';
import { toFailure } from './classify.ts';
import { type CredentialsProvider, createCredentialsSource } from './credentials.ts';
import type { CallTarget } from './hosts.ts';
import { type ActionResult, readReply } from './read-reply.ts';
import { sanitizeError } from './sanitize-error.ts';
import { createServerClock } from './server-clock.ts';
import { signGet } from './sign.ts';
import type { Transport } from './transport.ts';

type ActionRequest = {
  account: string;
  region: string;
  action: string;
  parameters: Record<string, string>;
  /** Milliseconds since the epoch, by our clock. Later the call is not sent, and the outcome is `not-sent`. */
  notAfter?: number;
};

/** Signs a call, sends it once, and classifies the reply. Never rejects: every failure is a CallFailure. */
export type ActionCaller = (request: ActionRequest) => Promise<ActionResult | CallFailure | NotSent>;

type NotSent = { kind: 'not-sent' };

export type ActionCallerOptions = {
  /** One transport for all calls, or a function that returns the transport of a call. */
  transport: Transport | ((target: CallTarget) => Transport);
  credentials: CredentialsProvider;
  clock: Clock;
  /** Brings up to date what `scopeRefusal`, `credentials` and `transport` know. */
  beforeCall?: () => Promise<void>;
  /** A call that it refuses is held and not sent. */
  scopeRefusal?: ScopeCheck;
};

export const VPC = { service: 'vpc', version: '2020-04-01' } as const;

/** `api`: the service that is signed for, and the version of its actions. */
export function createActionCaller(
  options: ActionCallerOptions,
  api: { service: string; version: string } = VPC,
): ActionCaller {
  const credentialsSource = createCredentialsSource(options.credentials);
  const serverClock = createServerClock(options.clock);

  return async ({ account, region, action, parameters, notAfter }) => {
    await options.beforeCall?.();
    const refusal = options.scopeRefusal?.({ account, region });
    if (refusal !== undefined) {
      return { kind: 'hold', error: { code: 'ScopeRefused', message: refusal }, unsent: true };
    }
    const credentials = await credentialsSource.get(account);
    if ('kind' in credentials) return credentials;

    const query = { ...parameters, Action: action, Version: api.version };
    // Checked after the credentials were read, because reading them may take long.
    if (notAfter !== undefined && options.clock() > notAfter) return { kind: 'not-sent' };
    const timeMs = serverClock.now();
    const { service } = api;
    const transport = transportOf(options.transport, { account, service, region });
    const { host } = transport;
    const reply = await transport.get(signGet({ credentials, service, region, host, query, timeMs }));
    const outcome = readReply(reply);
    if (outcome.kind === 'result') return outcome;

    const { date, retryAfter } = reply.kind === 'reply' ? reply : {};
    let { decision } = outcome;
    if (decision.kind === 'hold' && decision.credentials) credentialsSource.suspect(account, credentials);
    if (decision.kind === 'retry' && decision.clock && serverClock.learn(date)) {
      decision = { kind: 'retry', soon: true };
    }
    const retryAfterMs = parseRetryAfter(retryAfter, serverClock.now(), MAX_DELAY_MS);
    return toFailure(decision, sanitizeError(outcome.error, credentials), retryAfterMs);
  };
}

export function transportOf(transport: ActionCallerOptions['transport'], target: CallTarget): Transport {
  return typeof transport === 'function' ? transport(target) : transport;
}
