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

/** Anyone can ask for a webhook source's secret, and what fails must not become a stream of calls. */
const RETRY_AFTER_MS = 10_000;

/** Stored secrets: one as plain text, or several as `{"secrets": […]}`. No message repeats what was stored. */
export function createWebhookSecretReader(options: SecretReaderOptions): SecretReader<readonly string[]> {
  return createSecretReaderOf(parseSecrets, { ...options, retryAfterMs: RETRY_AFTER_MS });
}

/** The same, as the keys that they are for Standard Webhooks. */
export function createSigningKeyReader(options: SecretReaderOptions) {
  const parseKeys = (stored: string | undefined) => parseSecrets(stored).map(parseSecret);
  return createSecretReaderOf(parseKeys, { ...options, retryAfterMs: RETRY_AFTER_MS });
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
