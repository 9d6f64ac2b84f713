import type { Expression } from './expression.ts';
import type { SignatureScheme } from './signature.ts';

/** A secret as text, or where to read one or more. */
type WebhookSecret = string | { secretId: string };

/** A sender of webhooks, as it is configured. */
export type WebhookSource = {
  name: string;
  scheme: SignatureScheme;
  /** Several at once while a secret is exchanged: each of them is good. */
  secrets: readonly WebhookSecret[];
  /** The field with the JSON, where the sender may post a form. */
  formField: string | undefined;
  /** The only accounts and regions that it may ask for; undefined: any that is configured. */
  accounts: readonly string[] | undefined;
  regions: readonly string[] | undefined;
  /** Which payloads matter. */
  when: Expression | undefined;
  select: {
    flowLogIds: Expression;
    region?: Expression | undefined;
    account?: Expression | undefined;
    metadata?: Expression | undefined;
  };
};

/** Whose idempotency keys a source's delivery ids are, and the `source` of what it starts. */
export function scopeOf(source: WebhookSource): string {
  return `webhook:${source.name}`;
}
