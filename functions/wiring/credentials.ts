import type { Clock, Log } from '../../lib/activation/model/ports.ts';
import { fetchIdentityToken } from '../../lib/aws/identity-token.ts';
import { createSecretReader, secretProblemOf } from '../../lib/aws/secrets-manager-credentials.ts';
import { type AccountConfiguration, type Accounts, brandOf, chainOf } from '../../lib/config/accounts.ts';
import { createRoleAssumer, type Role } from '../../lib/volcengine/assume-role.ts';
import { RoleCredentials } from '../../lib/volcengine/assume-role-cache.ts';
import {
  createOidcRoleAssumer,
  type IdentityTokens,
  type OidcRole,
} from '../../lib/volcengine/assume-role-with-oidc.ts';
import type { ActionCallerOptions } from '../../lib/volcengine/call-action.ts';
import { type CredentialsProvider, reasonOf } from '../../lib/volcengine/credentials.ts';
import { stsRegionOf } from '../../lib/volcengine/hosts.ts';
import { NoCredentials } from '../../lib/volcengine/no-credentials.ts';

type Options = {
  transport: ActionCallerOptions['transport'];
  clock: Clock;
  log: Log;
  readSecret?: ReturnType<typeof createSecretReader>;
  identityToken?: IdentityTokens;
};

const NOT_CONFIGURED = 'the account is not configured, or its stored entry is disabled';

type RoleAccount = { assumeRole: Role } | { assumeRoleWithOidc: OidcRole };

/**
 * Returns the credentials of an account: static keys; keys from a secret, which is read again after they were refused; or
 * the temporary credentials of a role. AssumeRole is signed with the credentials of another configured account.
 * AssumeRoleWithOIDC needs none: it takes a token of AWS that says who this function is. When the entry of a role, or of
 * what it goes via, has changed, the credentials that it had are not used any more.
 */
export function createCredentialsProvider(
  accounts: Accounts,
  { log, readSecret = createSecretReader({ log }), identityToken = fetchIdentityToken, ...options }: Options,
): CredentialsProvider {
  const roles = new Map<string, { chain: AccountConfiguration[]; credentials: RoleCredentials }>();

  const provide: CredentialsProvider = async (alias, refresh) => {
    const account = accounts.get(alias);
    if (account === undefined) throw new NoCredentials(NOT_CONFIGURED);
    if ('assumeRole' in account || 'assumeRoleWithOidc' in account) {
      const chain = chainOf(accounts, alias);
      const known = roles.get(alias);
      const credentials =
        known && isSameChain(known.chain, chain) ? known.credentials : newRole(alias, account);
      roles.set(alias, { chain, credentials });
      return credentials.get(refresh);
    }
    const { accessKey, secretKey, sessionToken } =
      'secretId' in account
        ? await readSecret(account.secretId, refresh?.refresh === true ? 0 : undefined).catch((error) => {
            throw new NoCredentials(`secret ${account.secretId}: ${secretProblemOf(error)}`);
          })
        : account;
    return { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken && { sessionToken }) };
  };

  const regionOf = (via: string) => stsRegionOf(brandOf(accounts, via));
  const assumeRole = createRoleAssumer({ ...options, regionOf, credentials: provide });
  const assumeRoleWithOidc = createOidcRoleAssumer({ ...options, regionOf, identityToken });
  const newRole = (alias: string, account: RoleAccount) =>
    new RoleCredentials(
      () =>
        'assumeRole' in account
          ? assumeRole(account.assumeRole)
          : assumeRoleWithOidc(alias, account.assumeRoleWithOidc),
      options.clock,
      (error, backoffMs) =>
        log.warn('no new credentials for a role', { account: alias, cause: reasonOf(error), backoffMs }),
    );
  return provide;
}

/** An entry that has not changed is the same object. */
function isSameChain(one: readonly AccountConfiguration[], other: readonly AccountConfiguration[]): boolean {
  return one.length === other.length && one.every((account, index) => account === other[index]);
}
