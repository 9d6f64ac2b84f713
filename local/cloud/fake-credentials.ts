import { type Accounts, accountSettings, accountsOf } from '../../lib/config/accounts.ts';
import type { ConfigurationEntries } from '../../lib/config/configuration-source.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { joinAccounts } from '../../lib/config/stored-accounts.ts';
import { OIDC_AUDIENCE } from '../../lib/volcengine/hosts.ts';
import type { FakeOptions } from '../supervisor/messages.ts';
import { DEFAULT_CREDENTIAL } from '../volcengine/start-fake-volcengine.ts';

type FakeCredential = NonNullable<FakeOptions['credentials']>[number];
type Account = ReturnType<Accounts['get']>;
type FakeRole = NonNullable<FakeOptions['roles']>[number];

/**
 * The credentials that the fake accepts, each access key once: the keys that the user has set for the functions, and the
 * fake's own keys for the account `default` if the user has set none. Accounts with a secret are left out, because there
 * is no Secrets Manager. Throws ConfigurationError, like the functions.
 */
export function fakeCredentials(overrides: Record<string, string>): FakeCredential[] {
  const accounts = readAccounts(overrides);
  const given = [...accounts].flatMap(([account, configured]) => {
    if (configured === undefined || !('accessKey' in configured)) return [];
    if (ownerOf(account, accounts) !== account) return [];
    const { accessKey, secretKey, sessionToken } = configured;
    return [{ account, accessKey, secretKey, ...(sessionToken && { sessionToken }) }];
  });
  const hasDefault = given.some(({ account }) => account === DEFAULT_CREDENTIAL.account);
  return hasDefault ? given : [DEFAULT_CREDENTIAL, ...given];
}

/**
 * The roles that the functions assume. Each belongs to the account of its alias and trusts the account of its `via`, or
 * the tokens of the issuer. Undefined if there are none. Throws ConfigurationError, like the functions.
 */
export function fakeRoles(
  overrides: Record<string, string>,
  issuerUrl: string,
  stored?: ConfigurationEntries,
): FakeRole[] | undefined {
  const accounts = readAccounts(overrides, stored);
  const roles = [...accounts].flatMap(([account, configured]): FakeRole[] => {
    if (configured === undefined) return [];
    if ('assumeRoleWithOidc' in configured) {
      const { roleTrn, audience = OIDC_AUDIENCE } = configured.assumeRoleWithOidc;
      return [{ roleTrn, account, oidc: { issuerUrl, clientIds: [audience] } }];
    }
    if (!('assumeRole' in configured)) return [];
    const { roleTrn, via, externalId } = configured.assumeRole;
    const trusts = ownerOf(via, accounts);
    return [{ roleTrn, account, trusts, ...(externalId !== undefined && { externalId }) }];
  });
  return roles.length > 0 ? roles : undefined;
}

/** Aliases with the same access key or the same role are one account of the fake, with the name of the first alias. */
function ownerOf(alias: string, accounts: Accounts): string {
  const own = accounts.get(alias);
  const first = [...accounts].find(([, other]) => isSame(own, other, accounts));
  return first?.[0] ?? alias;
}

function isSame(own: Account, other: Account, accounts: Accounts): boolean {
  if (own === undefined || other === undefined) return false;
  if ('assumeRoleWithOidc' in own) {
    return (
      'assumeRoleWithOidc' in other && own.assumeRoleWithOidc.roleTrn === other.assumeRoleWithOidc.roleTrn
    );
  }
  if ('accessKey' in own) return 'accessKey' in other && own.accessKey === other.accessKey;
  if (!('assumeRole' in own && 'assumeRole' in other)) return own === other;
  const [role, first] = [own.assumeRole, other.assumeRole];
  return (
    role.roleTrn === first.roleTrn &&
    (first.externalId ?? role.externalId) === role.externalId &&
    ownerOf(role.via, accounts) === ownerOf(first.via, accounts)
  );
}

function readAccounts(overrides: Record<string, string>, stored?: ConfigurationEntries): Accounts {
  const own = accountsOf(readSettings(accountSettings, overrides));
  if (stored === undefined) return own;
  // The functions are given these keys if the user has set none.
  const { account, accessKey, secretKey } = DEFAULT_CREDENTIAL;
  const defaults = own.get(account) ?? { accessKey, secretKey };
  return joinAccounts(new Map([...own, [account, defaults]]), stored).accounts;
}
