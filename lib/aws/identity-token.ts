import { CLIENT_OPTIONS } from './client-options.ts';

/** RS256 is the one algorithm that every OpenID Connect verifier has (OpenID Connect Core, 15.1). The other is ES384. */
const SIGNING_ALGORITHM = 'RS256';
/** It is used at once. AWS gives 60 to 3,600. */
const DURATION_SECONDS = 300;

/**
 * Returns a new JWT of AWS that names the role of this function as its subject. Needs outbound identity federation to be
 * enabled in the AWS account, and `sts:GetWebIdentityToken`. Asks the endpoint of the region, which is the SDK's default:
 * the global one does not have the action. Loads the client only here, so that other cold starts do not pay for it.
 * Rejects with the SDK's errors. Source: API_GetWebIdentityToken.
 */
export async function fetchIdentityToken(audience: string): Promise<string> {
  const { GetWebIdentityTokenCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(CLIENT_OPTIONS);
  try {
    const { WebIdentityToken: token } = await client.send(
      new GetWebIdentityTokenCommand({
        Audience: [audience],
        SigningAlgorithm: SIGNING_ALGORITHM,
        DurationSeconds: DURATION_SECONDS,
      }),
    );
    if (!token) throw new Error('AWS sent no token');
    return token;
  } finally {
    client.destroy();
  }
}
