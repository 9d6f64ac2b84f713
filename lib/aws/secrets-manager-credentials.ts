import * as v from 'valibot';

const secretSchema = v.object({
  accessKey: v.pipe(v.string(), v.minLength(1)),
  secretKey: v.pipe(v.string(), v.minLength(1)),
  sessionToken: v.optional(v.string()),
});

export type AccountSecret = v.InferOutput<typeof secretSchema>;
export type SecretReader = (secretId: string, refresh: boolean) => Promise<AccountSecret>;

/**
 * Reads `{"accessKey", "secretKey", "sessionToken"?}` secrets, each once until a refresh is asked for; concurrent
 * readers share one call. Rejects when the secret cannot be read or has another shape; no message repeats its value.
 */
export function createSecretReader(fetchSecret = fetchSecretString): SecretReader {
  const known = new Map<string, Promise<AccountSecret>>();
  return (secretId, refresh) => {
    if (refresh) known.delete(secretId);
    let secret = known.get(secretId);
    if (secret === undefined) {
      secret = fetchSecret(secretId).then(parseSecret);
      known.set(secretId, secret);
      secret.catch(() => known.delete(secretId));
    }
    return secret;
  };
}

/** The client is loaded only where a secret is read: it costs every other cold start nothing. */
async function fetchSecretString(secretId: string): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({});
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } finally {
    client.destroy();
  }
}

function parseSecret(text: string | undefined): AccountSecret {
  try {
    return v.parse(secretSchema, JSON.parse(text ?? ''));
  } catch {
    throw new Error('the secret is not JSON with accessKey and secretKey');
  }
}
