import * as v from 'valibot';
import { secretIdSchema } from '../../lib/config/secret-id.ts';
import { isWrittenUrl } from '../../lib/http/written-url.ts';
import { urlRefusal } from '../../lib/webhooks/outbound/http/egress.ts';
import { parseSecret } from '../../lib/webhooks/outbound/sign.ts';

/** Uses only our own messages: valibot's messages repeat the refused value, which can be a secret. */
const strict = (issue: v.BaseIssue<unknown>) =>
  issue.expected === 'never' ? 'is not an option' : 'is missing, or not an object';

const secret = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      parseSecret(dataset.value);
    } catch (error) {
      addIssue({ message: error instanceof Error ? error.message : 'is not a secret' });
    }
  }),
);

const url = v.pipe(
  v.string('must be a URL'),
  v.rawTransform(({ dataset, addIssue, NEVER }): URL => {
    const parsed = isWrittenUrl(dataset.value) ? URL.parse(dataset.value) : null;
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
    secrets: v.pipe(
      v.array(
        v.union(
          [secret, v.strictObject({ secretId: secretIdSchema })],
          'must be text, or {"secretId": "…"} and nothing else',
        ),
        'must be a list of secrets',
      ),
      v.minLength(1, 'must have at least one secret'),
      v.maxLength(10, 'must have at most 10 secrets'),
    ),
    types: v.optional(
      v.pipe(
        v.array(eventType, 'must be a list of event types'),
        v.minLength(1, 'must have at least one event type'),
      ),
    ),
  },
  strict,
);
