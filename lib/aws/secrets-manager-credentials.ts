import * as v from 'valibot';
import { createSecretReaderOf, type SecretReaderOptions } from './secret-reader.ts';

const secretSchema = v.object({
  accessKey: v.pipe(v.string(), v.minLength(1)),
  secretKey: v.pipe(v.string(), v.minLength(1)),
  sessionToken: v.optional(v.string()),
});

type AccountSecret = v.InferOutput<typeof secretSchema>;

/**
 * Reads `{"accessKey", "secretKey", "sessionToken"?}` secrets. Rejects if the secret cannot be read or has another shape.
 * No message repeats its value.
 */
export function createSecretReader(options: SecretReaderOptions) {
  return createSecretReaderOf(parseSecret, options);
}

function parseSecret(text: string | undefined): AccountSecret {
  try {
    return v.parse(secretSchema, JSON.parse(text ?? ''));
  } catch {
    throw new Error('the secret is not JSON with accessKey and secretKey');
  }
}
