import * as v from 'valibot';
import { createSecretReaderOf, type SecretReaderOptions } from './secret-reader.ts';

const key = v.pipe(v.string(), v.minLength(1));
const secretSchema = v.object({ accessKey: key, secretKey: key, sessionToken: v.optional(v.string()) });

type AccountSecret = v.InferOutput<typeof secretSchema>;

/**
 * Reads `{"accessKey", "secretKey", "sessionToken"?}` secrets. Rejects if the secret cannot be read or has another shape:
 * see secretProblemOf. No message repeats its value.
 */
export function createSecretReader(options: SecretReaderOptions) {
  return createSecretReaderOf(parseSecret, options);
}

/** The secret was read, but cannot be used. The message does not repeat it. */
class UnusableSecret extends Error {
  override name = 'UnusableSecret';
}

function parseSecret(text: string | undefined): AccountSecret {
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  if (!json.success) throw new UnusableSecret('it is not JSON');
  const secret = v.safeParse(secretSchema, json.output);
  if (secret.success) return secret.output;
  const fields = secret.issues.map((issue) => v.getDotPath(issue)).filter((path) => path !== null);
  const wrong = fields.length > 0 ? `it lacks ${fields.join(' and ')}` : 'it is not a JSON object';
  throw new UnusableSecret(wrong);
}

/** Why a secret cannot be read or used, without a word of it. The errors of the SDK have telling names. */
export function secretProblemOf(error: unknown): string {
  if (error instanceof UnusableSecret) return error.message;
  return `it cannot be read (${error instanceof Error ? error.name : 'unknown error'})`;
}
