import type { CallFailure } from '../activation/model/outcome.ts';
import { MAX_DELAY_MS } from '../activation/model/policy.ts';
import { parseRetryAfter } from '../http/retry-after.ts';
import { AssumeRoleFailed } from './assume-role-failed.ts';
import { type ActionCallerOptions, transportOf } from './call-action.ts';
import { toFailure } from './classify.ts';
import { OIDC_AUDIENCE } from './hosts.ts';
import { readReply, unusableResult } from './read-reply.ts';
import {
  DEFAULT_SESSION_NAME,
  readTemporaryCredentials,
  STS,
  type TemporaryCredentials,
} from './temporary-credentials.ts';

const ACTION = 'AssumeRoleWithOIDC';

export type OidcRole = {
  /** `trn:iam::<account id>:role/<name>`. Its trust policy names an OIDC provider. */
  roleTrn: string;
  /** A client id of that provider. */
  audience?: string | undefined;
  sessionName?: string | undefined;
  /** 900 to the role's own maximum; the server's default is 3,600. */
  durationSeconds?: number | undefined;
};

/** Returns a token that says who we are, for this audience. Rejects with an error whose name may be shown. */
export type IdentityTokens = (audience: string) => Promise<string>;

type Options = Pick<ActionCallerOptions, 'transport' | 'clock'> & {
  identityToken: IdentityTokens;
  /** The region that the host of STS is chosen by. */
  regionOf: (account: string) => string;
};

/**
 * Calls AssumeRoleWithOIDC once, with a new token. The call is not signed, so our clock does not matter. Rejects with
 * AssumeRoleFailed. Source: https://www.volcengine.com/docs/6257/1494877.
 */
export function createOidcRoleAssumer({ transport, clock, identityToken, regionOf }: Options) {
  return async (account: string, role: OidcRole): Promise<TemporaryCredentials> => {
    const token = await identityToken(role.audience ?? OIDC_AUDIENCE).catch((error: unknown) => {
      throw new AssumeRoleFailed(ACTION, noToken(error));
    });
    const target = { account, service: STS.service, region: regionOf(account) };
    const reply = await transportOf(transport, target).postForm({
      path: `/?Action=${ACTION}&Version=${STS.version}`,
      form: { ...parametersOf(role), OIDCToken: token },
    });
    const { date, retryAfter } = reply.kind === 'reply' ? reply : {};
    const outcome = readReply(reply);
    if (outcome.kind !== 'result') {
      const retryAfterMs = parseRetryAfter(retryAfter, clock(), MAX_DELAY_MS);
      throw new AssumeRoleFailed(ACTION, toFailure(outcome.decision, outcome.error, retryAfterMs));
    }
    const temporary = readTemporaryCredentials(outcome.result ?? {}, date);
    if (temporary !== undefined) return temporary;
    throw new AssumeRoleFailed(ACTION, unusableResult(outcome, `${ACTION}: no credentials that end in time`));
  };
}

function parametersOf({ roleTrn, sessionName, durationSeconds }: OidcRole): Record<string, string> {
  return {
    RoleTrn: roleTrn,
    RoleSessionName: sessionName ?? DEFAULT_SESSION_NAME,
    ...(durationSeconds !== undefined && { DurationSeconds: String(durationSeconds) }),
  };
}

/** Only the error's name: its message may be anything. */
function noToken(error: unknown): CallFailure {
  const name = error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'unknown error';
  const message = `AWS gave no identity token (${name})`;
  return { kind: 'hold', unsent: true, error: { code: 'IdentityTokenUnavailable', message } };
}
