import { createSecretReader } from '../../lib/aws/secrets-manager-credentials.ts';
import type { CredentialsProvider } from '../../lib/volcengine/credentials.ts';
import type { Accounts } from './accounts.ts';

/** Static keys as configured, or a secret that is read again when the keys last read were refused. */
export function createCredentialsProvider(
  accounts: Accounts,
  readSecret = createSecretReader(),
): CredentialsProvider {
  return async (alias, options) => {
    const account = accounts.get(alias);
    if (account === undefined) throw new Error(`no credentials are configured for account ${alias}`);
    const { accessKey, secretKey, sessionToken } =
      'secretId' in account ? await readSecret(account.secretId, options?.refresh === true) : account;
    return { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken && { sessionToken }) };
  };
}
