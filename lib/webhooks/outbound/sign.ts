import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { InvalidWebhookSecret } from './errors.ts';

/** Standard Webhooks, "Signature scheme": this prefix, then 192 to 512 bits in base64. */
const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** Throws InvalidWebhookSecret. */
export function parseSecret(secret: string): KeyObject {
  const bytes = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const isWhole = secret === PREFIX + bytes.toString('base64');
  if (!isWhole || bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) throw new InvalidWebhookSecret();
  return createSecretKey(bytes);
}

/**
 * The `webhook-id`: the same for every attempt and every duplicate of an event. It is a hash, because the specification
 * allows no full stop in it, and event ids contain full stops.
 */
export function webhookIdOf(eventId: string): string {
  return `msg_${createHash('sha256').update(eventId).digest('hex').slice(0, 32)}`;
}

/** The three headers of Standard Webhooks for `body`, with one signature per key, for rotation. */
export function signedHeaders(
  keys: readonly KeyObject[],
  { webhookId, at, body }: { webhookId: string; at: number; body: string },
): Record<string, string> {
  const timestamp = Math.floor(at / 1000);
  const content = `${webhookId}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
