import type { ActionCall, ActionResult } from './action.ts';
import { chinaTime, DEFAULT_SECONDS, LEAST_SECONDS, MOST_SECONDS, sessionNameOf } from './assume-role.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { invalidValue, type Parameters, refuseUnknown, requiredValue } from './parameters.ts';

const KNOWN = /^(?:RoleTrn|RoleSessionName|DurationSeconds|OIDCToken|Policy)$/;

/** The caller has no credentials: the token says who it is. Throws an ApiError. */
export async function assumeRoleWithOidc(
  { parameters }: ActionCall,
  cloud: FakeCloud,
): Promise<ActionResult> {
  refuseUnknown(parameters, KNOWN);
  const roleTrn = requiredValue(parameters, 'RoleTrn');
  const token = requiredValue(parameters, 'OIDCToken');
  const sessionName = sessionNameOf(parameters);
  const lifetimeMs = readSeconds(parameters) * 1_000;
  const { trust, ...owner } = cloud.roles.trustOf(roleTrn);
  const nowMs = Math.floor((cloud.state.now() + cloud.clockSkewMs) / 1_000) * 1_000;
  const claims = await cloud.identityTokens.verify(token, trust, nowMs);

  const { account, accountId, roleName } = owner;
  const session = cloud.sessions.start({ account, accountId, roleTrn, expiresAt: nowMs + lifetimeMs });
  return {
    effective: false,
    result: {
      Credentials: {
        CurrentTime: chinaTime(nowMs),
        Expiration: chinaTime(session.expiresAt),
        AccessKeyId: session.accessKey,
        SecretAccessKey: session.secretKey,
        SessionToken: session.sessionToken,
      },
      OIDCTokenInfo: {
        Subject: claims.sub,
        Issuer: claims.iss,
        ClientIds: [claims.aud].flat(),
        ExpirationTime: chinaTime((claims.exp ?? 0) * 1_000),
        IssuanceTime: chinaTime((claims.iat ?? 0) * 1_000),
      },
      AssumedRoleUser: {
        Trn: `trn:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
        AssumedRoleId: `${roleName}:${sessionName}`,
      },
    },
  };
}

/** As the reference says: from 900 to the role's maximum, which is 43,200 here. */
function readSeconds(parameters: Parameters): number {
  const given = parameters.get('DurationSeconds') ?? String(DEFAULT_SECONDS);
  const seconds = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw invalidValue('DurationSeconds', `is not a number from ${LEAST_SECONDS} to ${MOST_SECONDS}`);
}
