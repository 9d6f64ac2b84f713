import * as v from 'valibot';
import { createSecretReaderOf } from '../../lib/aws/secret-reader.ts';

const listSchema = v.object({
  secrets: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1), v.maxLength(10)),
});

/** Stored secrets: one as plain text, or several as `{"secrets": […]}`. No message repeats what was stored. */
export function createWebhookSecretReader(fetchSecret?: (secretId: string) => Promise<string | undefined>) {
  return createSecretReaderOf(parseSecrets, fetchSecret);
}

function parseSecrets(stored: string | undefined): readonly string[] {
  // A file has a line end that nobody means.
  const text = (stored ?? '').replace(/\r?\n$/, '');
  if (!text.startsWith('{')) {
    if (text === '') throw new Error('the secret has no text');
    return [text];
  }
  try {
    return v.parse(listSchema, JSON.parse(text)).secrets;
  } catch {
    throw new Error('the secret is neither plain text nor {"secrets": […]}');
  }
}
