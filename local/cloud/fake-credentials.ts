import { accountSettings, accountsOf } from '../../functions/compose/accounts.ts';
import { readSettings } from '../../lib/runtime/configuration.ts';
import type { FakeOptions } from '../supervisor/messages.ts';
import { DEFAULT_CREDENTIAL } from '../volcengine/start-fake-volcengine.ts';

type FakeCredential = NonNullable<FakeOptions['credentials']>[number];
type FakeRole = NonNullable<FakeOptions['roles']>[number];

/**
 * What the fake accepts: the keys that the user has set for the functions, and for the account `default` the
 * fake's own if the user has set none. Accounts with a secret are of no use without Secrets Manager.
 * Throws ConfigurationError, as the functions would.
 */
export function fakeCredentials(overrides: Record<string, string>): FakeCredential[] {
  const given = [...readAccounts(overrides)].flatMap(([account, configured]) => {
    if (configured === undefined || !('accessKey' in configured)) return [];
    const { accessKey, secretKey, sessionToken } = configured;
    return [{ account, accessKey, secretKey, ...(sessionToken && { sessionToken }) }];
  });
  const hasDefault = given.some(({ account }) => account === DEFAULT_CREDENTIAL.account);
  return hasDefault ? given : [DEFAULT_CREDENTIAL, ...given];
}

/**
 * The roles that the functions will assume, each of the account with the alias and trusting the account it goes via.
 * Undefined without any. Throws ConfigurationError, as the functions would.
 */
export function fakeRoles(overrides: Record<string, string>): FakeRole[] | undefined {
  const roles = [...readAccounts(overrides)].flatMap(([account, configured]) => {
    if (configured === undefined || !('assumeRole' in configured)) return [];
    const { roleTrn, via, externalId } = configured.assumeRole;
    return [{ roleTrn, account, trusts: via, ...(externalId !== undefined && { externalId }) }];
  });
  return roles.length > 0 ? roles : undefined;
}

function readAccounts(overrides: Record<string, string>) {
  return accountsOf(readSettings(accountSettings, overrides));
}
