import type { Expression } from './expression.ts';
import type { SignatureScheme } from './signature.ts';

/** A secret, or the id under which one or more are stored. */
type WebhookSecret = string | { secretId: string };

/** A configured sender of webhooks. */
export type WebhookSource = {
  name: string;
  scheme: SignatureScheme;
  /** All of them are valid. There are several during a rotation. */
  secrets: readonly WebhookSecret[];
  /** The form field with the JSON, if the sender may send a form. */
  formField: string | undefined;
  /** The accounts and regions that the source may request. Undefined: all that are configured. */
  accounts: readonly string[] | undefined;
  regions: readonly string[] | undefined;
  /** Selects the payloads that start something. Undefined: all. */
  when: Expression | undefined;
  select: {
    flowLogIds: Expression;
    region?: Expression | undefined;
    account?: Expression | undefined;
    metadata?: Expression | undefined;
  };
};

/** The scope of a source's delivery ids as idempotency keys, and the `source` of its activations. */
export function scopeOf(source: WebhookSource): string {
  return `webhook:${source.name}`;
}
