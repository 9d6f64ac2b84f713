import { optionsByNameOf } from '../../lib/config/options-by-name.ts';
import { compileExpression } from '../../lib/webhooks/inbound/expression.ts';
import { GITHUB, hmacScheme, TERRAFORM_CLOUD } from '../../lib/webhooks/inbound/hmac-scheme.ts';
import type { SignatureScheme } from '../../lib/webhooks/inbound/signature.ts';
import type { WebhookSource } from '../../lib/webhooks/inbound/source.ts';
import { STANDARD_WEBHOOKS } from '../../lib/webhooks/inbound/standard-webhooks-scheme.ts';
import { type WebhookSourceOptions, webhookSourceSchema } from './webhook-source-schema.ts';

export type WebhookSources = ReadonlyMap<string, WebhookSource>;

/** An error names every invalid source and option, but no secret. */
export const webhookSettings = {
  sources: optionsByNameOf('WEBHOOK_SOURCES', webhookSourceSchema, (name, options): WebhookSource => {
    const { secrets, accounts, regions, select, when = DEFAULT_WHEN[options.scheme] } = options;
    const scheme = schemeOf(options);
    const formField = options.scheme === 'github' ? 'payload' : undefined;
    return { name, scheme, secrets, formField, accounts, regions, when, select };
  }),
};

/** The default of `when`: all deliveries except the senders' connection tests. */
const DEFAULT_WHEN = {
  github: compileExpression('!(zen && hook_id)'),
  'terraform-cloud': compileExpression("!(notifications[?trigger == 'verification'])"),
  'standard-webhooks': undefined,
  hmac: undefined,
};

function schemeOf(options: WebhookSourceOptions): SignatureScheme {
  switch (options.scheme) {
    case 'standard-webhooks':
      return STANDARD_WEBHOOKS;
    case 'github':
      return GITHUB;
    case 'terraform-cloud':
      return TERRAFORM_CLOUD;
    case 'hmac':
      return hmacScheme(options);
  }
}
