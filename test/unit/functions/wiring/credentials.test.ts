import { expect, test } from 'vitest';
import { createCredentialsProvider } from '../../../../functions/wiring/credentials.ts';
import { createSecretReader } from '../../../../lib/aws/secrets-manager-credentials.ts';
import { createCredentialsSource } from '../../../../lib/volcengine/credentials.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const VALUE = 'AK-never-to-be-seen';
const named = (name: string) => Object.assign(new Error(`${VALUE} of ${name}`), { name });

/** What the log says of an account whose secret is this text, or cannot be read. */
async function causeOf(secret: string | Error | undefined, alias = 'prod') {
  const log = new RecordingLog();
  const fetchSecret = async () => {
    if (secret instanceof Error) throw secret;
    return secret;
  };
  const readSecret = createSecretReader({ log, fetchSecret });
  const transport = () => expect.unreachable('nothing is called');
  const accounts = new Map([['prod', { secretId: 'flow-log-activator/prod/default' }]]);
  const provide = createCredentialsProvider(accounts, { transport, clock: Date.now, log, readSecret });
  const credentials = await createCredentialsSource(provide).get(alias);
  return 'kind' in credentials && 'error' in credentials ? credentials.error.message : credentials;
}

const SECRET = 'No credentials for account "prod": secret flow-log-activator/prod/default:';

test.each([
  ['is no JSON', `${VALUE}:SK`, `${SECRET} it is not JSON`],
  ['is empty', undefined, `${SECRET} it is not JSON`],
  ['is JSON without keys', '{}', `${SECRET} it lacks accessKey and secretKey`],
  ['lacks a key', `{"accessKey":"${VALUE}"}`, `${SECRET} it lacks secretKey`],
  ['is JSON, but no object', `"${VALUE}"`, `${SECRET} it is not a JSON object`],
  [
    'is not there',
    named('ResourceNotFoundException'),
    `${SECRET} it cannot be read (ResourceNotFoundException)`,
  ],
  ['may not be read', named('AccessDeniedException'), `${SECRET} it cannot be read (AccessDeniedException)`],
])('a secret that %s: the hold says so, and does not repeat it', async (_what, secret, cause) => {
  expect(await causeOf(secret)).toBe(cause);
});

test('keys with a character that no header may have are not usable', async () => {
  const cause = 'No credentials for account "prod": they are empty or malformed';
  expect(await causeOf(JSON.stringify({ accessKey: 'A\n', secretKey: 'S' }))).toBe(cause);
});

test('an account that is not configured is on hold, and says so', async () => {
  const cause =
    'No credentials for account "other": the account is not configured, or its stored entry is disabled';
  expect(await causeOf('{}', 'other')).toBe(cause);
});
