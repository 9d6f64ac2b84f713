import * as v from 'valibot';
import { CLIENT_OPTIONS } from './client-options.ts';

const secretSchema = v.object({
  accessKey: v.pipe(v.string(), v.minLength(1)),
  secretKey: v.pipe(v.string(), v.minLength(1)),
  sessionToken: v.optional(v.string()),
});

type AccountSecret = v.InferOutput<typeof secretSchema>;
export type SecretReader = (secretId: string, refresh: boolean) => Promise<AccountSecret>;

/**
 * Reads `{"accessKey", "secretKey", "sessionToken"?}` secrets, each once until a refresh is asked for; whoever
 * asks while one is being read, for a refresh too, shares that call. Rejects when the secret cannot be read or
 * has another shape; no message repeats its value.
 */
export function createSecretReader(fetchSecret = fetchSecretString): SecretReader {
  const known = new Map<string, Promise<AccountSecret>>();
  const inFlight = new Set<string>();

  const read = async (secretId: string) => {
    inFlight.add(secretId);
    try {
      return parseSecret(await fetchSecret(secretId));
    } catch (error) {
      known.delete(secretId);
      throw error;
    } finally {
      inFlight.delete(secretId);
    }
  };

  return (secretId, refresh) => {
    const secret = known.get(secretId);
    if (secret && (!refresh || inFlight.has(secretId))) return secret;
    const fresh = read(secretId);
    known.set(secretId, fresh);
    return fresh;
  };
}

/** The client is loaded only where a secret is read: it costs every other cold start nothing. */
async function fetchSecretString(secretId: string): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(CLIENT_OPTIONS);
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
