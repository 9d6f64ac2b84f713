import * as v from 'valibot';
import type { FakeOptions } from '../supervisor/messages.ts';
import { DEFAULT_CREDENTIAL } from '../volcengine/start-fake-volcengine.ts';

type FakeCredential = NonNullable<FakeOptions['credentials']>[number];
type FakeRole = NonNullable<FakeOptions['roles']>[number];

/** Accounts with keys or a role in VOLCENGINE_ACCOUNTS; the others are of no use without Secrets Manager. */
const Accounts = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(
    v.string(),
    v.looseObject({
      accessKey: v.optional(v.string()),
      secretKey: v.optional(v.string()),
      sessionToken: v.optional(v.string()),
      assumeRole: v.optional(
        v.looseObject({ roleTrn: v.string(), via: v.string(), externalId: v.optional(v.string()) }),
      ),
    }),
  ),
);

type Keys = {
  accessKey?: string | undefined;
  secretKey?: string | undefined;
  sessionToken?: string | undefined;
};

/**
 * What the fake accepts: the keys that the user has set for the functions, and for the account `default` the
 * fake's own if the user has set none. Throws for a VOLCENGINE_ACCOUNTS that is not readable.
 */
export function fakeCredentials(overrides: Record<string, string>): FakeCredential[] {
  const own = credential('default', {
    accessKey: overrides.VOLCENGINE_ACCESS_KEY,
    secretKey: overrides.VOLCENGINE_SECRET_KEY,
    sessionToken: overrides.VOLCENGINE_SESSION_TOKEN,
  });
  const accounts = v.parse(Accounts, overrides.VOLCENGINE_ACCOUNTS ?? '{}');
  const named = Object.entries(accounts).flatMap(([account, keys]) => credential(account, keys));
  return [...(own.length > 0 ? own : [DEFAULT_CREDENTIAL]), ...named];
}

/**
 * The roles that the functions will assume, each of the account with the alias and trusting the account it goes via.
 * Undefined without any. Throws for a VOLCENGINE_ACCOUNTS that is not readable.
 */
export function fakeRoles(overrides: Record<string, string>): FakeRole[] | undefined {
  const accounts = v.parse(Accounts, overrides.VOLCENGINE_ACCOUNTS ?? '{}');
  const roles = Object.entries(accounts).flatMap(([account, { assumeRole }]) => {
    if (assumeRole === undefined) return [];
    const { roleTrn, via, externalId } = assumeRole;
    return [{ roleTrn, account, trusts: via, ...(externalId !== undefined && { externalId }) }];
  });
  return roles.length > 0 ? roles : undefined;
}

function credential(account: string, { accessKey, secretKey, sessionToken }: Keys): FakeCredential[] {
  if (!accessKey || !secretKey) return [];
  return [{ account, accessKey, secretKey, ...(sessionToken && { sessionToken }) }];
}
