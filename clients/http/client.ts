/** The package `flow-log-activator/client`: a typed client of the service. */
import createFetchClient from 'openapi-fetch';
import type { paths } from '../../contracts/openapi.d.ts';
import {
  type Activation,
  type ActivationFilter,
  type Api,
  given,
  listActivations,
  type Requested,
} from './api.ts';
import { ApiProblem, CredentialsMissing, problemOf, ServiceUnreachable } from './errors.ts';
import { type BatchEnd, type FollowOptions, followBatch } from './follow.ts';
import { createSend } from './send.ts';
import type { Credentials, CredentialsProvider } from './sign.ts';
import { signerFor } from './signer-for.ts';
import { WHAT_NOW } from './what-now.ts';

export type { Activation, ActivationFilter, Batch, FailureReason } from './api.ts';
export type { ProblemCode } from './errors.ts';
export type { BatchEnd, FollowOptions } from './follow.ts';
export type { Credentials, CredentialsProvider } from './sign.ts';
export type { paths };
export { ApiProblem, CredentialsMissing, ServiceUnreachable, WHAT_NOW };

export type ClientOptions = {
  /** The stack's output `HttpApiUrl`, or the address of a local environment. */
  url: string;
  /** The AWS region of the API. The default is the one in the URL; a domain of your own has none. */
  region?: string;
  /** The default is AWS's own chain: environment, profile, SSO, web identity, container, instance. */
  credentials?: Credentials | CredentialsProvider;
  /** A profile of AWS's configuration files, for the default chain. */
  profile?: string;
  /** How often a request that is safe to repeat is sent again. The default is 5. */
  retries?: number;
  fetch?: typeof fetch;
};

export type ActivateOptions = FollowOptions & {
  /** Volcengine's region and the alias of its account. The service has defaults. */
  region?: string;
  account?: string;
  metadata?: Record<string, string>;
  /** The same key gets the same batch again, also from another process. The default is a random one. */
  idempotencyKey?: string;
};

export type FlowLogActivator = {
  /** Every route, with the types of contracts/openapi.yaml. A response that is not 2xx is thrown as ApiProblem. */
  api: Api;
  /** Stores a request for 1 to 1,000 flow logs. Sends it again if that is needed: it has an idempotency key. */
  activate(flowLogIds: string[], options?: Omit<ActivateOptions, keyof FollowOptions>): Promise<Requested>;
  /** The same in the other direction: switches flow logs off, where the service allows it. */
  deactivate(flowLogIds: string[], options?: Omit<ActivateOptions, keyof FollowOptions>): Promise<Requested>;
  /** Requests, then waits until each activation is final or `timeoutMs` is over. */
  activateAndWait(flowLogIds: string[], options?: ActivateOptions): Promise<BatchEnd>;
  /** Waits until each activation of a batch is final or `timeoutMs` is over. */
  follow(batchId: string, options?: FollowOptions): Promise<BatchEnd>;
  /** All pages of a list, one activation after the other. */
  activations(filter?: ActivationFilter): AsyncGenerator<Activation, void, undefined>;
};

/**
 * A client of the deployed service, or of a local environment. Requests to this machine are not signed. All others are,
 * with SigV4. Throws ApiProblem, ServiceUnreachable, CredentialsMissing.
 */
export function createClient(options: ClientOptions): FlowLogActivator {
  const api = createFetchClient<paths>({
    baseUrl: options.url.replace(/\/+$/, ''),
    fetch: createSend({
      sign: signerFor(options),
      retries: options.retries ?? 5,
      fetch: options.fetch ?? fetch,
    }),
  });
  api.use({
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response);
    },
  });

  const follow: FlowLogActivator['follow'] = (batchId, how) => followBatch(api, batchId, how);
  const request =
    (path: '/activations' | '/deactivations'): FlowLogActivator['activate'] =>
    async (flowLogIds, { idempotencyKey = crypto.randomUUID(), region, account, metadata } = {}) => {
      const { data } = await api.POST(path, {
        params: { header: { 'Idempotency-Key': idempotencyKey } },
        body: { flowLogIds, region, account, metadata },
      });
      return given(data);
    };
  const client: FlowLogActivator = {
    api,
    follow,
    activate: request('/activations'),
    deactivate: request('/deactivations'),
    async activateAndWait(flowLogIds, how = {}) {
      const { batchId } = await client.activate(flowLogIds, how);
      return follow(batchId, how);
    },
    activations: (filter) => listActivations(api, filter),
  };
  return client;
}
