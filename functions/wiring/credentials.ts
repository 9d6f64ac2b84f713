import type { Clock, Log } from '../../lib/activation/model/ports.ts';
import { fetchIdentityToken } from '../../lib/aws/identity-token.ts';
import { createSecretReader, secretProblemOf } from '../../lib/aws/secrets-manager-credentials.ts';
import { type Accounts, brandOf } from '../../lib/config/accounts.ts';
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

type RoleAccount = { assumeRole: Role } | { assumeRoleWithOidc: OidcRole };

/**
 * Returns the credentials of an account: static keys; keys from a secret, which is read again after they were refused; or
 * the temporary credentials of a role. AssumeRole is signed with the credentials of another configured account.
 * AssumeRoleWithOIDC needs none: it takes a token of AWS that says who this function is.
 */
export function createCredentialsProvider(
  accounts: Accounts,
  { log, readSecret = createSecretReader({ log }), identityToken = fetchIdentityToken, ...options }: Options,
): CredentialsProvider {
  const roles = new Map<string, RoleCredentials>();

  const provide: CredentialsProvider = async (alias, refresh) => {
    const account = accounts.get(alias);
    if (account === undefined) throw new NoCredentials('the account is not configured');
    if ('assumeRole' in account || 'assumeRoleWithOidc' in account) {
      const known = roles.get(alias);
      const role = known ?? newRole(alias, account);
      roles.set(alias, role);
      return role.get(refresh);
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
