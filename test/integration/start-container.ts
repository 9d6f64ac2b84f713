import { onTestFinished } from 'vitest';
import { createCredentialsProvider } from '../../functions/wiring/credentials.ts';
import { createSecretReader } from '../../lib/aws/secrets-manager-credentials.ts';
import { accountSettings, accountsOf } from '../../lib/config/accounts.ts';
import { readSettings } from '../../lib/config/settings.ts';
import type { IdentityTokens } from '../../lib/volcengine/assume-role-with-oidc.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import {
  type FakeVolcengineOptions,
  startFakeVolcengine,
} from '../../local/volcengine/start-fake-volcengine.ts';
import { RecordingLog } from '../support/fakes/ports.ts';

type Options = {
  fake: FakeVolcengineOptions;
  /** As VOLCENGINE_ACCOUNTS. */
  accounts: Record<string, unknown>;
  /** What every secret holds now. */
  secret: { value: string };
  clock: () => number;
  /** In place of AWS. */
  identityToken?: IdentityTokens;
};

/** The real provider of credentials, signer and transport against a fake Volcengine, until the test is over. */
export async function startContainer({ fake, accounts, secret, clock, identityToken }: Options) {
  const volcengine = await startFakeVolcengine(fake);
  onTestFinished(() => volcengine.close());
  const transport = createTransport({ endpoint: volcengine.url, timeoutMs: 5_000 });
  onTestFinished(() => transport.close());
  let reads = 0;
  const fetchSecret = async () => {
    reads += 1;
    return secret.value;
  };
  const log = new RecordingLog();
  const readSecret = createSecretReader({ log, fetchSecret });
  const settings = readSettings(accountSettings, { VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) });
  const credentials = createCredentialsProvider(accountsOf(settings), {
    transport,
    clock,
    log,
    readSecret,
    ...(identityToken && { identityToken }),
  });
  const api = createFlowLogApi({ transport, credentials, clock });
  return { volcengine, api, log, reads: () => reads };
}
