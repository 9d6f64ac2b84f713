import { AssumeRoleFailed } from './assume-role-failed.ts';
import { type ActionCallerOptions, createActionCaller } from './call-action.ts';
import type { Credentials } from './credentials.ts';
import { isRecord, type JsonRecord, textOf } from './json-value.ts';
import { unusableResult } from './read-reply.ts';

/** Source: the API reference of AssumeRole, https://www.volcengine.com/docs/6257/86374. */
const STS = { service: 'sts', version: '2018-01-01' } as const;

/** The reference names no allowed characters. These are allowed by every similar rule that is published. */
const DEFAULT_SESSION_NAME = 'flow-log-activator';

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

/** `lifetimeMs`: from CurrentTime to ExpiredTime, both by the server's clock. */
export type TemporaryCredentials = { credentials: Credentials; lifetimeMs: number };

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
    const parameters = parametersOf(role);
    const request = { account: via, region: regionOf(via), action: 'AssumeRole', parameters };
    let outcome = await callAction(request);
    if (outcome.kind === 'retry' && outcome.soon) outcome = await callAction(request);
    if (outcome.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
    if (outcome.kind !== 'result') throw new AssumeRoleFailed(role.via, outcome);
    const temporary = readTemporaryCredentials(outcome.result ?? {});
    if (temporary === undefined) {
      throw new AssumeRoleFailed(
        role.via,
        unusableResult(outcome, 'AssumeRole: no credentials that end in time'),
      );
    }
    return temporary;
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

function readTemporaryCredentials({ Credentials: given }: JsonRecord): TemporaryCredentials | undefined {
  if (!isRecord(given)) return undefined;
  const accessKeyId = textOf(given.AccessKeyId);
  const secretAccessKey = textOf(given.SecretAccessKey);
  const sessionToken = textOf(given.SessionToken);
  const lifetimeMs = timeOf(given.ExpiredTime) - timeOf(given.CurrentTime);
  if (!accessKeyId || !secretAccessKey || !sessionToken || !(lifetimeMs > 0)) return undefined;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, lifetimeMs };
}

/** Parses RFC 3339 with any offset. Returns NaN for anything else. */
function timeOf(value: unknown): number {
  return Date.parse(textOf(value) ?? '');
}
