import * as v from 'valibot';
import { ApiError } from './api-error.ts';
import { AccountNameSchema, type Credentials } from './credentials.ts';
import type { Caller } from './verify-signature.ts';

const TRN = /^trn:iam::(\d{1,20}):role\/([\w+=,.@/-]{1,128})$/;

export const RoleSchema = v.strictObject({
  roleTrn: v.pipe(v.string(), v.regex(TRN)),
  /** The account whose flow logs its sessions see. It needs no credentials of its own. */
  account: AccountNameSchema,
  /** Only credentials of this account may assume the role. If absent, all may. */
  trusts: v.optional(AccountNameSchema),
  externalId: v.optional(v.pipe(v.string(), v.minLength(1))),
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
    const [, accountId, roleName] = TRN.exec(roleTrn) ?? [];
    if (accountId === undefined || roleName === undefined) {
      throw new ApiError('InvalidTRN', `TRN '${roleTrn}' is not valid.`);
    }
    const account =
      this.#roles === undefined
        ? this.#credentials.accountOf(accountId)
        : this.#roles.find((role) => role.roleTrn === roleTrn && admits(role, caller, externalId))?.account;
    // The same error for all cases, so that a stranger cannot find out which roles exist.
    if (account === undefined) throw new ApiError('AccessDenied', `Not authorized to assume ${roleTrn}.`);
    return { account, accountId, roleName };
  }
}

function admits(role: Role, caller: Caller, externalId: string | undefined): boolean {
  return (role.trusts ?? caller.account) === caller.account && (role.externalId ?? externalId) === externalId;
}
