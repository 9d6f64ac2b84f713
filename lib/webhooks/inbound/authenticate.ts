import { createHash } from 'node:crypto';
import type { Clock, Log } from '../../activation/model/ports.ts';
import { InvalidDeliveryId, SignatureRefused } from './errors.ts';
import { headerOf, isAuthentic, type ParsedSignature, type SignedRequest } from './signature.ts';
import { scopeOf, type WebhookSource } from './source.ts';
import type { KnownSecrets, SourceSecrets } from './source-secrets.ts';

export type AuthenticateDeps = {
  secrets: SourceSecrets;
  now: Clock;
  log: Log;
  metrics: { count(name: 'RefusedWebhooks'): void };
};

const DELIVERY_ID = /^[\x21-\x7e]{1,255}$/;

/**
 * Returns the id of the delivery if the request is signed by the source: the sender's id, or an id derived from the body
 * if the scheme has none. Reads no secret for a request that is malformed or stale.
 * Throws SignatureRefused, SecretsUnavailable, InvalidDeliveryId.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  source: WebhookSource,
  request: SignedRequest,
): Promise<string> {
  const signature = source.scheme.parseSignature(request, deps.now());
  if (typeof signature === 'string') throw refused(deps, source, signature);

  const known = await deps.secrets.of(source);
  if (!isAuthentic(signature, known.secrets) && !(await isNewlyAuthentic(deps, source, signature, known))) {
    throw known.unavailable ?? refused(deps, source, 'signature');
  }
  return deliveryIdOf(source, request);
}

/** True if the request is signed with a secret that was stored after the source's secrets were read. */
async function isNewlyAuthentic(
  deps: AuthenticateDeps,
  source: WebhookSource,
  signature: ParsedSignature,
  known: KnownSecrets,
): Promise<boolean> {
  const { secrets } = await deps.secrets.readAgain(source);
  return isAuthentic(
    signature,
    secrets.filter((secret) => !known.secrets.includes(secret)),
  );
}

/** The reason goes to the log only. Nothing of the request is logged, because anybody may have sent it. */
function refused({ log, metrics }: AuthenticateDeps, source: WebhookSource, why: string): SignatureRefused {
  metrics.count('RefusedWebhooks');
  log.warn('webhook refused', { source: scopeOf(source), cause: why });
  return new SignatureRefused();
}

function deliveryIdOf(source: WebhookSource, request: SignedRequest): string {
  const { deliveryHeader } = source.scheme;
  if (deliveryHeader === undefined) {
    return `sha256:${createHash('sha256').update(request.body).digest('hex')}`;
  }
  const id = headerOf(request, deliveryHeader) ?? '';
  // API Gateway joins repeated headers with a comma.
  if (!DELIVERY_ID.test(id) || id.includes(',')) throw new InvalidDeliveryId(deliveryHeader);
  return id;
}
