import type { Clock, Log } from '../../lib/activation/model/ports.ts';
import { fetchIdentityToken } from '../../lib/aws/identity-token.ts';
import { createSecretReader } from '../../lib/aws/secrets-manager-credentials.ts';
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
    if (account === undefined) throw new Error(`no credentials are configured for account ${alias}`);
    if ('assumeRole' in account || 'assumeRoleWithOidc' in account) {
      const known = roles.get(alias);
      const role = known ?? newRole(alias, account);
      roles.set(alias, role);
      return role.get(refresh);
    }
    const { accessKey, secretKey, sessionToken } =
      'secretId' in account
        ? await readSecret(account.secretId, refresh?.refresh === true ? 0 : undefined)
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
        log.warn('no new credentials for a role', { account: alias, reason: reasonOf(error), backoffMs }),
    );
  return provide;
}
