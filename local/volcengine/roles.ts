import * as v from 'valibot';
import { ApiError } from './api-error.ts';
import { AccountNameSchema, type Credentials } from './credentials.ts';
import { type OidcTrust, OidcTrustSchema } from './identity-token.ts';
import type { Caller } from './verify-signature.ts';

const TRN = /^trn:iam::(\d{1,20}):role\/([\w+=,.@/-]{1,128})$/;

export const RoleSchema = v.strictObject({
  roleTrn: v.pipe(v.string(), v.regex(TRN)),
  /** The account whose flow logs its sessions see. It needs no credentials of its own. */
  account: AccountNameSchema,
  /** Only credentials of this account may assume the role. If absent, all may. */
  trusts: v.optional(AccountNameSchema),
  externalId: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** With it the role is assumed with a token, and only so. */
  oidc: v.optional(OidcTrustSchema),
});

export type RoleInput = v.InferInput<typeof RoleSchema>;
export type Role = v.InferOutput<typeof RoleSchema>;

/** The account that the credentials of an assumed role belong to. */
export type RoleOwner = { account: string; accountId: string; roleName: string };

/** Without a setting every role exists, in the account that its TRN names, and trusts everybody. */
export class Roles {
  readonly #credentials: Credentials;
  #roles: Role[] | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  configure(roles: Role[] | undefined): void {
    this.#roles = roles;
  }

  list(): Role[] | undefined {
    return this.#roles;
  }

  get accounts(): string[] {
    return [...new Set((this.#roles ?? []).map(({ account }) => account))];
  }

  /** Throws the ApiError of a role that is unknown, does not trust the caller, or wants another external id. */
  assume(roleTrn: string, caller: Caller, externalId: string | undefined): RoleOwner {
    const named = namesIn(roleTrn);
    const account =
      this.#roles === undefined
        ? this.#credentials.accountOf(named.accountId)
        : this.#roles.find((role) => role.roleTrn === roleTrn && admits(role, caller, externalId))?.account;
    if (account === undefined) throw notAuthorized(roleTrn);
    return { account, ...named };
  }

  /** Which tokens the role accepts. Throws the ApiError of a role that is unknown, or accepts none. */
  trustOf(roleTrn: string): RoleOwner & { trust: OidcTrust } {
    const named = namesIn(roleTrn);
    const { account, oidc: trust } = this.#roles?.find((role) => role.roleTrn === roleTrn && role.oidc) ?? {};
    if (account === undefined || trust === undefined) throw notAuthorized(roleTrn);
    return { account, ...named, trust };
  }
}

function namesIn(roleTrn: string): Omit<RoleOwner, 'account'> {
  const [, accountId, roleName] = TRN.exec(roleTrn) ?? [];
  if (accountId !== undefined && roleName !== undefined) return { accountId, roleName };
  throw new ApiError('InvalidTRN', `TRN '${roleTrn}' is not valid.`);
}

/** The same error for all cases, so that a stranger cannot find out which roles exist. */
function notAuthorized(roleTrn: string): ApiError {
  return new ApiError('AccessDenied', `Not authorized to assume ${roleTrn}.`);
}

function admits({ oidc, ...role }: Role, caller: Caller, externalId: string | undefined): boolean {
  const isTrusted = (role.trusts ?? caller.account) === caller.account;
  return oidc === undefined && isTrusted && (role.externalId ?? externalId) === externalId;
}
