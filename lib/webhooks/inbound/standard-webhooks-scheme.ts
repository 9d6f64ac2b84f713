import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { digestOf, headerOf, type SignatureScheme } from './signature.ts';

const TOLERANCE_MS = 300_000;

/** The minimum of the specification: a secret is the base64 of 24 to 64 random bytes. */
const LEAST_SECRET_BYTES = 24;

const DIGEST_BYTES = 32;

/** One of the space-separated signatures: a version and a value. Versions other than v1 are only checked for their form. */
const SIGNATURE = /^(v[0-9][0-9a-z]{0,7}),([A-Za-z0-9+/_=-]{1,512})$/;

/**
 * https://www.standardwebhooks.com: id, time and body are signed. Only the library's `sign` is used. Its `verify` is not
 * strict enough for joined headers: it accepts `1700000000,1` as a time, and the first part of `v1,a,v1,b` as a
 * signature. It also reads the clock itself, and decodes bytes that are not UTF-8.
 */
export const STANDARD_WEBHOOKS: SignatureScheme = {
  deliveryHeader: 'webhook-id',
  problemOf(secret) {
    const base64 = secret.replace(/^whsec_/, '');
    const bytes = Buffer.from(base64, 'base64');
    const isBase64 = bytes.toString('base64') === base64;
    return isBase64 && bytes.length >= LEAST_SECRET_BYTES
      ? undefined
      : `must be base64 of at least ${LEAST_SECRET_BYTES} bytes, with or without whsec_ before it`;
  },
  parseSignature(request, now) {
    const id = headerOf(request, 'webhook-id');
    const timestamp = headerOf(request, 'webhook-timestamp') ?? '';
    const given = digestsOf(headerOf(request, 'webhook-signature') ?? '');
    if (!id || !/^[1-9]\d{0,11}$/.test(timestamp) || given === undefined) return 'malformed';
    if (!isUtf8(request.body)) return 'malformed';
    const signedAt = Number(timestamp) * 1_000;
    if (Math.abs(now - signedAt) > TOLERANCE_MS) return 'stale';

    const payload = request.body.toString('utf8');
    return {
      isSignedWith(secret) {
        const [, signature = ''] = new Webhook(secret).sign(id, new Date(signedAt), payload).split(',');
        const expected = Buffer.from(signature, 'base64');
        return given.map((digest) => timingSafeEqual(digest, expected)).includes(true);
      },
    };
  },
};

/** Returns the digests of version v1. Undefined if any part of the header is not a signature. */
function digestsOf(header: string): Buffer[] | undefined {
  const signatures = header.split(' ').map((text) => SIGNATURE.exec(text));
  if (signatures.includes(null)) return undefined;
  const digests = signatures.flatMap((match) =>
    match?.[1] === 'v1' ? [digestOf(match[2] ?? '', 'base64', DIGEST_BYTES)] : [],
  );
  return digests.every((digest) => digest !== undefined) ? digests : undefined;
}
