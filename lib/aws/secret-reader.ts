import { CLIENT_OPTIONS } from './client-options.ts';

/** Returns the secret, at most `maxAgeMs` old (default: five minutes), or older if it cannot be read again now. */
export type SecretReader<Secret> = (secretId: string, maxAgeMs?: number) => Promise<Secret>;

export type SecretReaderOptions = {
  log: { error(message: string, fields: Record<string, unknown>): void };
  now?: (() => number) | undefined;
  /** After a failure, the time until a secret that is not in the cache is read again. */
  retryAfterMs?: number;
  fetchSecret?: ((secretId: string) => Promise<string | undefined>) | undefined;
};

const MAX_AGE_MS = 300_000;
/** How long a cached secret is used if it cannot be read again. */
const KEPT_FOR_MS = 900_000;
const RETRY_AFTER_MS = 10_000;

/** Secrets Manager says that the secret does not exist, or denies access. Docs "GetSecretValue", Errors. */
const GONE = [
  'ResourceNotFoundException',
  // Marked for deletion, among other states.
  'InvalidRequestException',
  'InvalidParameterException',
  'AccessDeniedException',
  'DecryptionFailure',
  'UnrecognizedClientException',
];

type Known<Secret> = {
  good?: { secret: Secret; readAt: number } | undefined;
  failure?: { error: unknown; at: number } | undefined;
  reading?: Promise<void> | undefined;
};

/**
 * Reads secrets and caches them. A secret that is gone (deleted, marked for deletion, access denied) leaves the cache at
 * once. After any other failure it stays in the cache until 15 minutes after it was last read, and is read again every
 * ten seconds. Concurrent readers of a secret share one call. Every failure is logged. Rejects with the error of the
 * call or of `parse` if there is no secret.
 */
export function createSecretReaderOf<Secret>(
  parse: (text: string | undefined) => Secret,
  { log, now = Date.now, retryAfterMs = 0, fetchSecret = fetchSecretString }: SecretReaderOptions,
): SecretReader<Secret> {
  const all = new Map<string, Known<Secret>>();
  const isWithin = (at: number, ms: number) => now() - at < ms;

  const read = async (secretId: string, known: Known<Secret>) => {
    const readAt = now();
    try {
      known.good = { secret: parse(await fetchSecret(secretId)), readAt };
      known.failure = undefined;
    } catch (error) {
      if (isGone(error)) known.good = undefined;
      known.failure = { error, at: now() };
      log.error('a secret cannot be read', { secretId, error, kept: known.good !== undefined });
    }
  };

  return async (secretId, maxAgeMs = MAX_AGE_MS) => {
    const known: Known<Secret> = all.get(secretId) ?? {};
    all.set(secretId, known);
    const { good, failure } = known;
    const isFresh = good !== undefined && isWithin(good.readAt, maxAgeMs);
    const hasJustFailed = failure !== undefined && isWithin(failure.at, good ? RETRY_AFTER_MS : retryAfterMs);
    if (known.reading || (!isFresh && !hasJustFailed)) {
      known.reading ??= read(secretId, known).finally(() => {
        known.reading = undefined;
      });
      await known.reading;
    }
    if (known.good && !isWithin(known.good.readAt, KEPT_FOR_MS)) known.good = undefined;
    if (known.good) return known.good.secret;
    throw known.failure?.error;
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && GONE.includes(error.name);
}

/** Loads the client only when a secret is read, so that other cold starts do not pay for it. */
async function fetchSecretString(secretId: string): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(CLIENT_OPTIONS);
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } finally {
    client.destroy();
  }
}
