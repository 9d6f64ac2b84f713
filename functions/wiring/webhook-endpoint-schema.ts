import * as v from 'valibot';
import { strictObjectMessage } from '../../lib/config/options-by-name.ts';
import { secretIdSchema } from '../../lib/config/secret-id.ts';
import { isStrictUrl } from '../../lib/http/strict-url.ts';
import { CHAT_FORMATS, SIGNED_FORMATS } from '../../lib/webhooks/outbound/chat/chat-messages.ts';
import { urlRefusal } from '../../lib/webhooks/outbound/http/egress.ts';
import { parseSecret } from '../../lib/webhooks/outbound/sign.ts';
import { secretListOf } from './secret-list-schema.ts';

/** The rule that a secret breaks. */
function problemOf(secret: string): string | undefined {
  try {
    parseSecret(secret);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'is not a secret';
  }
}

const url = v.pipe(
  v.string('must be a URL'),
  v.rawTransform(({ dataset, addIssue, NEVER }): URL => {
    const parsed = isStrictUrl(dataset.value) ? URL.parse(dataset.value) : null;
    const refusal = parsed === null ? 'must be a URL' : urlRefusal(parsed, 'unrestricted');
    if (parsed !== null && refusal === undefined) return parsed;
    addIssue({ message: refusal ?? 'must be a URL' });
    return NEVER;
  }),
);

const eventType = v.pipe(
  v.string('must be text'),
  v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be an event type, or the beginning of one up to a dot'),
);

const types = v.optional(
  v.pipe(
    v.array(eventType, 'must be a list of event types'),
    v.minLength(1, 'must have at least one event type'),
  ),
);

const standardSchema = v.strictObject(
  { format: v.optional(v.literal('standard')), url, secrets: secretListOf(problemOf), types },
  strictObjectMessage,
);

const formatRule = `must be one of ${['standard', ...CHAT_FORMATS].join(', ')}`;

/** The URL of a chat's bot is a secret, as a token is in it. */
const chatEntries = {
  format: v.picklist(CHAT_FORMATS, formatRule),
  url: v.lazy((input) =>
    typeof input === 'object' && input !== null
      ? v.strictObject({ secretId: secretIdSchema }, strictObjectMessage)
      : url,
  ),
  types,
  /** The address of the page. Links lead there. */
  console: v.optional(url),
};

const signedChatSchema = v.strictObject(
  {
    ...chatEntries,
    secrets: v.optional(
      v.pipe(
        secretListOf((secret) =>
          isBotSecret(secret) ? undefined : 'must be 1 to 256 visible ASCII characters',
        ),
        v.maxLength(1, 'must have one secret in this format'),
      ),
    ),
  },
  strictObjectMessage,
);

const unsignedChatSchema = v.strictObject(chatEntries, strictObjectMessage);

function isBotSecret(secret: string): boolean {
  return /^[\x21-\x7e]{1,256}$/.test(secret);
}

/** The format chooses the schema. A union would not name the option that is wrong. */
export const webhookEndpointSchema = v.lazy((input) => {
  const format: unknown =
    typeof input === 'object' && input !== null ? Reflect.get(input, 'format') : undefined;
  if (format === undefined || format === 'standard') return standardSchema;
  return SIGNED_FORMATS.some((name) => name === format) ? signedChatSchema : unsignedChatSchema;
});
