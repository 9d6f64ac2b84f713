import * as v from 'valibot';
import { ACCOUNT_ALIAS, isRegion } from '../../lib/activation/model/ids.ts';
import { strictObjectMessage } from '../../lib/config/options-by-name.ts';
import { compileExpression, type Expression } from '../../lib/webhooks/inbound/expression.ts';
import { GITHUB, TERRAFORM_CLOUD } from '../../lib/webhooks/inbound/hmac-scheme.ts';
import { STANDARD_WEBHOOKS } from '../../lib/webhooks/inbound/standard-webhooks-scheme.ts';
import { secretListOf } from './secret-list-schema.ts';

const text = v.pipe(
  v.string('must be text'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1_000, 'must be at most 1000 characters'),
);

const header = v.pipe(text, v.regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header'));

/** Reasons that may be shown. The others quote a part of the expression, which can be a secret in the wrong place. */
const SAFE_REASON =
  /^(?:Expected \w+, got: \w+|there is no function [a-z_]{1,24}\(\)|(?:can give|nests|a number has) [ \w]+)$/;

const expression = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }): Expression => {
    try {
      return compileExpression(dataset.value);
    } catch (error) {
      const why = error instanceof Error && SAFE_REASON.test(error.message) ? ` (${error.message})` : '';
      addIssue({ message: `is not a JMESPath expression${why}` });
      return NEVER;
    }
  }),
);

/** An empty list is a mistake: it would refuse every delivery. */
function listOf(item: v.GenericSchema<string>, what: string) {
  return v.pipe(
    v.array(item, `must be a list of ${what}`),
    v.minLength(1, `must have at least one of the ${what}`),
  );
}

const common = {
  accounts: v.optional(
    listOf(v.pipe(text, v.regex(ACCOUNT_ALIAS, 'must be an account alias')), 'account aliases'),
  ),
  regions: v.optional(
    listOf(v.pipe(text, v.check(isRegion, 'must be a region such as cn-beijing')), 'regions'),
  ),
  when: v.optional(expression),
  select: v.strictObject(
    {
      flowLogIds: expression,
      region: v.optional(expression),
      account: v.optional(expression),
      metadata: v.optional(expression),
    },
    strictObjectMessage,
  ),
};

/** One source of WEBHOOK_SOURCES. Refuses options that do not belong to the scheme. */
export const webhookSourceSchema = v.variant(
  'scheme',
  [
    v.strictObject(
      {
        scheme: v.literal('standard-webhooks'),
        secrets: secretListOf(STANDARD_WEBHOOKS.problemOf),
        ...common,
      },
      strictObjectMessage,
    ),
    v.strictObject(
      { scheme: v.literal('github'), secrets: secretListOf(GITHUB.problemOf), ...common },
      strictObjectMessage,
    ),
    v.strictObject(
      { scheme: v.literal('terraform-cloud'), secrets: secretListOf(TERRAFORM_CLOUD.problemOf), ...common },
      strictObjectMessage,
    ),
    v.strictObject(
      {
        scheme: v.literal('hmac'),
        // The rules for secrets do not depend on the header.
        secrets: secretListOf(GITHUB.problemOf),
        header,
        algorithm: v.optional(v.picklist(['sha256', 'sha512'], 'must be sha256 or sha512'), 'sha256'),
        encoding: v.optional(v.picklist(['hex', 'base64'], 'must be hex or base64'), 'hex'),
        prefix: v.optional(
          v.pipe(v.string('must be text'), v.maxLength(64, 'must be at most 64 characters')),
          '',
        ),
        deliveryHeader: v.optional(header),
        ...common,
      },
      strictObjectMessage,
    ),
  ],
  'must be an object with a scheme: standard-webhooks, github, terraform-cloud or hmac',
);

export type WebhookSourceOptions = v.InferOutput<typeof webhookSourceSchema>;
