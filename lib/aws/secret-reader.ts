import { CLIENT_OPTIONS } from './client-options.ts';

/** `refresh`: read it again, whatever is known of it. */
export type SecretReader<Secret> = (secretId: string, refresh: boolean) => Promise<Secret>;

/**
 * Reads secrets, each once until a refresh is asked for; whoever asks while one is being read, for a refresh too,
 * shares that call. Rejects when the secret cannot be read, or as `parse` does; what was rejected is read again by
 * whoever asks next.
 */
export function createSecretReaderOf<Secret>(
  parse: (text: string | undefined) => Secret,
  fetchSecret = fetchSecretString,
): SecretReader<Secret> {
  const known = new Map<string, Promise<Secret>>();
  const inFlight = new Set<string>();

  const read = async (secretId: string) => {
    inFlight.add(secretId);
    try {
      return parse(await fetchSecret(secretId));
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
