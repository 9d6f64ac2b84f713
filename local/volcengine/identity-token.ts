import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import { ApiError } from './api-error.ts';

/** What a role's trust policy and its OIDC provider say together. */
export const OidcTrustSchema = v.strictObject({
  /** Its documents are read at `/.well-known/openid-configuration`. Plain http is allowed here. */
  issuerUrl: v.pipe(v.string(), v.url()),
  clientIds: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
  /** A subject, in which `*` stands for anything. If absent, any subject. */
  subject: v.optional(v.pipe(v.string(), v.minLength(1))),
});

export type OidcTrust = v.InferOutput<typeof OidcTrustSchema>;

/** Published nowhere; assumptions of this fake. */
const CLOCK_TOLERANCE_SECONDS = 60;
const OLDEST_TOKEN = '12h';
const ALGORITHMS = ['RS256', 'ES256', 'ES384'];

const Discovery = v.object({ issuer: v.string(), jwks_uri: v.pipe(v.string(), v.url()) });

/** Verifies tokens with the keys that their issuers publish. Keeps the keys, and reads them again for an unknown one. */
export class IdentityTokenVerifier {
  readonly #keys = new Map<string, JWTVerifyGetKey>();

  /** Throws an ApiError for a token that this role does not accept at this time. */
  async verify(token: string, trust: OidcTrust, nowMs: number): Promise<JWTPayload> {
    const { issuerUrl, clientIds, subject } = trust;
    const keys = this.#keys.get(issuerUrl) ?? (await readKeys(issuerUrl));
    this.#keys.set(issuerUrl, keys);
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuerUrl,
      audience: clientIds,
      algorithms: ALGORITHMS,
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: OLDEST_TOKEN,
      requiredClaims: ['sub', 'exp'],
    }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (!isLike(payload.sub ?? '', subject)) {
      throw new ApiError('AccessDenied', 'The trust policy of the role does not allow this subject.');
    }
    return payload;
  }
}

async function readKeys(issuerUrl: string): Promise<JWTVerifyGetKey> {
  try {
    const response = await fetch(`${issuerUrl}/.well-known/openid-configuration`);
    const { issuer, jwks_uri: jwksUri } = v.parse(Discovery, await response.json());
    if (issuer !== issuerUrl) throw new Error(`it calls itself ${issuer}`);
    return createRemoteJWKSet(new URL(jwksUri));
  } catch (error) {
    throw new ApiError('InvalidIdentityToken', `The issuer cannot be read: ${String(error)}`);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new ApiError('ExpiredToken', 'The token has expired.');
  if (error instanceof errors.JOSEError) return new ApiError('InvalidIdentityToken', error.message);
  return error;
}

function isLike(text: string, pattern = '*'): boolean {
  const escaped = pattern.replace(/[^\w*]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`).test(text);
}
