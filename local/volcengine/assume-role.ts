import type { ActionCall, ActionResult } from './action.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { invalidValue, type Parameters, refuseUnknown, requiredValue } from './parameters.ts';

const KNOWN = /^(?:RoleTrn|RoleSessionName|DurationSeconds|ExternalId)$/;
/** Published nowhere; an assumption of this fake. */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
export const DEFAULT_SECONDS = 3_600;
export const LEAST_SECONDS = 900;
export const MOST_SECONDS = 43_200;

/** Throws an ApiError. */
export function assumeRole({ caller, parameters }: ActionCall, cloud: FakeCloud): ActionResult {
  refuseUnknown(parameters, KNOWN);
  const roleTrn = requiredValue(parameters, 'RoleTrn');
  const sessionName = sessionNameOf(parameters);
  const lifetimeMs = readSeconds(parameters) * 1_000;
  const owner = cloud.roles.assume(roleTrn, caller, parameters.get('ExternalId'));

  const nowMs = Math.floor((cloud.state.now() + cloud.clockSkewMs) / 1_000) * 1_000;
  const { account, accountId, roleName } = owner;
  const session = cloud.sessions.start({ account, accountId, roleTrn, expiresAt: nowMs + lifetimeMs });
  return {
    effective: false,
    result: {
      Credentials: {
        CurrentTime: chinaTime(nowMs),
        ExpiredTime: chinaTime(session.expiresAt),
        AccessKeyId: session.accessKey,
        SecretAccessKey: session.secretKey,
        SessionToken: session.sessionToken,
      },
      AssumedRoleUser: {
        Trn: `trn:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
        AssumedRoleId: `${roleName}:${sessionName}`,
      },
    },
  };
}

export function sessionNameOf(parameters: Parameters): string {
  const sessionName = requiredValue(parameters, 'RoleSessionName');
  if (SESSION_NAME.test(sessionName)) return sessionName;
  throw invalidValue('RoleSessionName', 'is not 2 to 64 letters, digits or any of _+=,.@-');
}

/** As the reference says: too few count as absent, too many as the maximum. */
function readSeconds(parameters: Parameters): number {
  const given = parameters.get('DurationSeconds') ?? '0';
  if (!/^\d{1,9}$/.test(given)) throw invalidValue('DurationSeconds', 'is not a number');
  const seconds = Number(given);
  return seconds < LEAST_SECONDS ? DEFAULT_SECONDS : Math.min(seconds, MOST_SECONDS);
}

/** RFC 3339, at UTC+8. */
export function chinaTime(timeMs: number): string {
  return `${new Date(timeMs + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
