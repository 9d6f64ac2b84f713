import { AssumeRoleFailed } from './assume-role-failed.ts';
import { type ActionCallerOptions, createActionCaller } from './call-action.ts';
import { unusableResult } from './read-reply.ts';
import {
  DEFAULT_SESSION_NAME,
  readTemporaryCredentials,
  STS,
  type TemporaryCredentials,
} from './temporary-credentials.ts';

export type Role = {
  /** `trn:iam::<account id>:role/<name>` */
  roleTrn: string;
  /** The alias whose credentials sign the call. They must belong to an IAM user: the keys of the account itself may not call AssumeRole. */
  via: string;
  externalId?: string | undefined;
  sessionName?: string | undefined;
  /** 900 to 43,200; the server's default is 3,600. */
  durationSeconds?: number | undefined;
};

export type RoleAssumer = (role: Role) => Promise<TemporaryCredentials>;

/**
 * Calls AssumeRole once, and a second time if only our clock was wrong. Rejects with AssumeRoleFailed.
 * `regionOf`: the region that a call with the credentials of `via` is signed for. STS is one service for all regions.
 */
export function createRoleAssumer({
  regionOf,
  ...options
}: ActionCallerOptions & { regionOf: (via: string) => string }): RoleAssumer {
  const callAction = createActionCaller(options, STS);

  return async (role) => {
    const { via } = role;
    const call = `AssumeRole with the credentials of "${via}"`;
    const parameters = parametersOf(role);
    const request = { account: via, region: regionOf(via), action: 'AssumeRole', parameters };
    let outcome = await callAction(request);
    if (outcome.kind === 'retry' && outcome.soon) outcome = await callAction(request);
    if (outcome.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
    if (outcome.kind !== 'result') throw new AssumeRoleFailed(call, outcome);
    const temporary = readTemporaryCredentials(outcome.result ?? {});
    if (temporary !== undefined) return temporary;
    throw new AssumeRoleFailed(call, unusableResult(outcome, 'AssumeRole: no credentials that end in time'));
  };
}

function parametersOf({ roleTrn, externalId, sessionName, durationSeconds }: Role): Record<string, string> {
  return {
    RoleTrn: roleTrn,
    RoleSessionName: sessionName ?? DEFAULT_SESSION_NAME,
    ...(durationSeconds !== undefined && { DurationSeconds: String(durationSeconds) }),
    // Inferred: trust policies can ask for `sts:ExternalId`, but neither reference nor SDKs name the parameter.
    ...(externalId !== undefined && { ExternalId: externalId }),
  };
}
