import * as v from 'valibot';
import {
  createSecretReaderOf,
  type SecretReader,
  type SecretReaderOptions,
} from '../../lib/aws/secret-reader.ts';
import { parseSecret } from '../../lib/webhooks/outbound/sign.ts';

const listSchema = v.object({
  secrets: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1), v.maxLength(10)),
});

/** Anyone can send a webhook and so cause a read. A failing read must not cause many calls. */
const RETRY_AFTER_MS = 10_000;

/** Reads stored secrets: one as plain text, or several as `{"secrets": […]}`. No message repeats a stored text. */
export function createWebhookSecretReader(options: SecretReaderOptions): SecretReader<readonly string[]> {
  return createSecretReaderOf(parseSecrets, { ...options, retryAfterMs: RETRY_AFTER_MS });
}

/** Does the same and returns the keys for Standard Webhooks. */
export function createSigningKeyReader(options: SecretReaderOptions) {
  const parseKeys = (stored: string | undefined) => parseSecrets(stored).map(parseSecret);
  return createSecretReaderOf(parseKeys, { ...options, retryAfterMs: RETRY_AFTER_MS });
}

function parseSecrets(stored: string | undefined): readonly string[] {
  // A text from a file often ends with a line break.
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
