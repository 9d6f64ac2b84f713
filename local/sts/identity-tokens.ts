import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { lazily } from '../../lib/runtime/lazily.ts';

/** Those of GetWebIdentityToken. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES384'] as const;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

export type TokenRequest = {
  audience: string[];
  algorithm: SigningAlgorithm;
  durationSeconds: number;
  /** Become claims. */
  tags: Record<string, string>;
};

type Options = { issuer: () => string; region: string; account: string; now: () => number };

export type IdentityTokens = ReturnType<typeof createIdentityTokens>;

/** Issues the tokens of one AWS account, with keys of its own for each algorithm. The keys end with the process. */
export function createIdentityTokens({ issuer, region, account, now }: Options) {
  const keys = lazily(async () =>
    Promise.all(
      SIGNING_ALGORITHMS.map(async (algorithm) => {
        const { publicKey, privateKey } = await generateKeyPair(algorithm);
        return { kid: randomUUID(), algorithm, publicKey, privateKey };
      }),
    ),
  );
  // Locally all functions have the same credentials, so they have the same role.
  const subject = `arn:aws:iam::${account}:role/flow-log-activator-local`;

  return {
    issuer,
    /** The claims are those that AWS documents ("Understanding token claims"), as far as they are known here. */
    async issue({ audience, algorithm, durationSeconds, tags }: TokenRequest) {
      const key = (await keys()).find((one) => one.algorithm === algorithm);
      if (key === undefined) throw new Error(`no key for ${algorithm}`);
      const issuedAt = Math.floor(now() / 1_000);
      const expiresAt = issuedAt + durationSeconds;
      const context = { aws_account: account, source_region: region, principal_id: subject };
      const [only] = audience;
      const token = await new SignJWT({
        'https://sts.amazonaws.com/': {
          ...context,
          ...(Object.keys(tags).length > 0 && { request_tags: tags }),
        },
      })
        .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: 'JWT' })
        .setIssuer(issuer())
        .setSubject(subject)
        .setAudience(audience.length === 1 && only !== undefined ? only : audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(key.privateKey);
      return { token, expiresAt };
    },
    async jwks(): Promise<{ keys: JWK[] }> {
      const shown = (await keys()).map(async ({ kid, algorithm, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: algorithm,
        use: 'sig',
      }));
      return { keys: await Promise.all(shown) };
    },
  };
}
