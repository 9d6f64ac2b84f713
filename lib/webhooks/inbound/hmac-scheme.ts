import { createHmac, timingSafeEqual } from 'node:crypto';
import { digestOf, headerOf, type SignatureScheme } from './signature.ts';

export type HmacOptions = {
  /** The name of the signature's header, in upper or lower case. */
  header: string;
  algorithm: 'sha256' | 'sha512';
  encoding: 'hex' | 'base64';
  /** The text before the digest, such as `sha256=`. */
  prefix: string;
  deliveryHeader?: string | undefined;
};

const DIGEST_BYTES = { sha256: 32, sha512: 64 };

/** The minimum number of characters of a secret. Senders advise random ones. */
const LEAST_SECRET_LENGTH = 16;

/**
 * A scheme with one header: the HMAC of the raw body. It signs neither a time nor the delivery's id. So a captured
 * delivery can be sent again, with the same meaning as before.
 */
export function hmacScheme(options: HmacOptions): SignatureScheme {
  const { algorithm, encoding, prefix } = options;
  const header = options.header.toLowerCase();
  return {
    deliveryHeader: options.deliveryHeader?.toLowerCase(),
    problemOf(secret) {
      const rule = `must be at least ${LEAST_SECRET_LENGTH} characters`;
      if (secret.length < LEAST_SECRET_LENGTH) return rule;
      return secret.replaceAll(/\s/g, '').length < LEAST_SECRET_LENGTH
        ? `${rule} that are no blanks`
        : undefined;
    },
    parseSignature(request) {
      const value = headerOf(request, header);
      if (!value?.startsWith(prefix)) return 'malformed';
      const given = digestOf(value.slice(prefix.length), encoding, DIGEST_BYTES[algorithm]);
      if (given === undefined) return 'malformed';
      return {
        isSignedWith: (secret) =>
          timingSafeEqual(createHmac(algorithm, secret).update(request.body).digest(), given),
      };
    },
  };
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const GITHUB = hmacScheme({
  header: 'x-hub-signature-256',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: 'sha256=',
  deliveryHeader: 'x-github-delivery',
});

/** https://developer.hashicorp.com/terraform/enterprise/api-docs/notification-configurations#notification-authenticity */
export const TERRAFORM_CLOUD = hmacScheme({
  header: 'x-tfe-notification-signature',
  algorithm: 'sha512',
  encoding: 'hex',
  prefix: '',
});
