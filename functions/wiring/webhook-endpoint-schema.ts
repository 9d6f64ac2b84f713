import * as v from 'valibot';
import { strictObjectMessage } from '../../lib/config/options-by-name.ts';
import { isStrictUrl } from '../../lib/http/strict-url.ts';
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

export const webhookEndpointSchema = v.strictObject(
  {
    url,
    secrets: secretListOf(problemOf),
    types: v.optional(
      v.pipe(
        v.array(eventType, 'must be a list of event types'),
        v.minLength(1, 'must have at least one event type'),
      ),
    ),
  },
  strictObjectMessage,
);
