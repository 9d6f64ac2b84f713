import type * as v from 'valibot';
import { MAX_DELAY_MS } from '../../lib/activation/model/policy.ts';
import type { SecretReader, SecretReaderOptions } from '../../lib/aws/secret-reader.ts';
import { optionsByNameOf, shownName } from '../../lib/config/options-by-name.ts';
import { ConfigurationError, oneOf, type readSettings, wholeNumberOr } from '../../lib/config/settings.ts';
import { isStrictUrl } from '../../lib/http/strict-url.ts';
import { log } from '../../lib/runtime/telemetry.ts';
import { type ChatFormat, createChatFormat } from '../../lib/webhooks/outbound/chat/chat-format.ts';
import type { ChatFormatName } from '../../lib/webhooks/outbound/chat/chat-messages.ts';
import type { Endpoint } from '../../lib/webhooks/outbound/endpoint.ts';
import {
  type ContainerLoad,
  createEndpointCircuitBreaker,
  type EndpointCircuitBreakerOptions,
} from '../../lib/webhooks/outbound/endpoint-circuit-breaker.ts';
import {
  createCheckedLookup,
  EGRESS,
  type Egress,
  urlRefusal,
} from '../../lib/webhooks/outbound/http/egress.ts';
import { createPostToSecret } from '../../lib/webhooks/outbound/http/post-to-secret.ts';
import { createResolve } from '../../lib/webhooks/outbound/http/resolve.ts';
import { createWebhookClient } from '../../lib/webhooks/outbound/http/webhook-client.ts';
import { createSigningKeys, type SecretSource } from '../../lib/webhooks/outbound/signing-keys.ts';
import { webhookEndpointSchema } from './webhook-endpoint-schema.ts';
import { createSigningKeyReader, createWebhookSecretReader } from './webhook-secrets.ts';

export const webhookEndpointSettings = {
  endpoints: optionsByNameOf('WEBHOOK_ENDPOINTS', webhookEndpointSchema, (_name, options) => options),
  egress: oneOf('WEBHOOK_EGRESS', EGRESS, 'public-https'),
  attemptTimeoutMs: wholeNumberOr('WEBHOOK_TIMEOUT_MS', 10_000, 100, 15_000),
  retryBaseMs: wholeNumberOr('WEBHOOK_RETRY_BASE_MS', 2_000, 1, MAX_DELAY_MS),
};

type EndpointSettings = ReturnType<typeof readSettings<typeof webhookEndpointSettings>>;

/** A problem for each URL that the egress rule forbids. */
export function urlProblems(
  { endpoints, egress }: Pick<EndpointSettings, 'endpoints' | 'egress'>,
  names: Iterable<string> = endpoints.keys(),
): string[] {
  const all = [...names];
  return [...endpoints].flatMap(([name, { url }]) => {
    // One in a secret is checked when it is read.
    const refusal = url instanceof URL ? urlRefusal(url, egress) : undefined;
    return refusal === undefined
      ? []
      : [`WEBHOOK_ENDPOINTS is wrong: ${shownName(name, all)}.url ${refusal}`];
  });
}

/** Parallel attempts of one container at one endpoint. */
const CONCURRENT_ATTEMPTS = 4;
const SLOW_MS = 1_000;
/** Longer than a connection around the world plus a cold start. */
const QUICK_TIMEOUT_MS = 2_000;
const FAILURES_UNTIL_DOWN = 5;
const PAUSE_IN_RETRY_BASES = 5;
const PAUSE_CAP_MS = 60_000;

/** Returns what creates the circuit breaker of one endpoint. Those of a container share its load. */
export function circuitBreakersOf(
  options: Pick<EndpointCircuitBreakerOptions, 'timeoutMs' | 'now' | 'random'> & { retryBaseMs: number },
) {
  const { timeoutMs, retryBaseMs, now, random } = options;
  const load: ContainerLoad = { slow: new Set(), underWay: 0 };
  const pauseMs = retryBaseMs * PAUSE_IN_RETRY_BASES;
  return () =>
    createEndpointCircuitBreaker({
      now,
      random,
      maxConcurrent: CONCURRENT_ATTEMPTS,
      slowMs: SLOW_MS,
      timeoutMs,
      quickTimeoutMs: Math.min(QUICK_TIMEOUT_MS, timeoutMs),
      load,
      failuresUntilDown: FAILURES_UNTIL_DOWN,
      pauseMs,
      pauseCapMs: Math.max(pauseMs, PAUSE_CAP_MS),
    });
}

/**
 * Returns the endpoints by name, each with its own connections, circuit breaker and secrets, for the life of the container.
 * Throws ConfigurationError for a URL that the egress rule forbids.
 */
export function createEndpoints(
  settings: EndpointSettings,
  { fetchSecret }: Pick<SecretReaderOptions, 'fetchSecret'> = {},
): ReadonlyMap<string, Endpoint> {
  const problems = urlProblems(settings);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { endpoints, egress, attemptTimeoutMs: timeoutMs, retryBaseMs } = settings;
  const lookup = egress === 'public-https' ? createCheckedLookup(createResolve()) : undefined;
  const readKeys = createSigningKeyReader({ log, fetchSecret });
  const readSecrets = createWebhookSecretReader({ log, fetchSecret });
  const createBreaker = circuitBreakersOf({ timeoutMs, retryBaseMs, now: Date.now, random: Math.random });
  const quickTimeoutMs = Math.min(QUICK_TIMEOUT_MS, timeoutMs);
  return new Map(
    [...endpoints].map(([name, options]) => {
      const { url, types } = options;
      const chat = isChat(options) ? chatOf(options, readSecrets) : undefined;
      const connect = (to: URL) =>
        createWebhookClient({
          url: to,
          timeoutMs,
          quickTimeoutMs,
          connections: CONCURRENT_ATTEMPTS,
          readsBody: chat !== undefined,
          ...(lookup && { lookup }),
        });
      const endpoint: Endpoint = {
        name,
        types,
        chat,
        signingKeys: createSigningKeys(isChat(options) ? [] : options.secrets, readKeys),
        post:
          url instanceof URL
            ? connect(url).post
            : createPostToSecret(
                async () => parseStoredUrl((await readSecrets(url.secretId))[0], egress),
                connect,
              ),
        circuitBreaker: createBreaker(),
      };
      return [name, endpoint];
    }),
  );
}

type EndpointOptions = v.InferOutput<typeof webhookEndpointSchema>;
type ChatOptions = Extract<EndpointOptions, { format: ChatFormatName }>;

function isChat(options: EndpointOptions): options is ChatOptions {
  return options.format !== undefined && options.format !== 'standard';
}

function chatOf(options: ChatOptions, readSecrets: SecretReader<readonly string[]>): ChatFormat {
  const [secret] = 'secrets' in options ? (options.secrets ?? []) : [];
  const readSecret = async (source: SecretSource) =>
    typeof source === 'string' ? source : ((await readSecrets(source.secretId))[0] ?? '');
  return createChatFormat(options.format, {
    readSecret: secret === undefined ? undefined : () => readSecret(secret),
    console: options.console?.href,
  });
}

/** A URL from a secret. Its rules are those of a URL in the configuration. No message repeats it. */
function parseStoredUrl(stored: string | undefined, egress: Egress): URL {
  const url = stored !== undefined && isStrictUrl(stored) ? URL.parse(stored) : null;
  const refusal = url === null ? 'must be a URL' : urlRefusal(url, egress);
  if (url !== null && refusal === undefined) return url;
  throw new Error(`the URL in the secret ${refusal}`);
}
