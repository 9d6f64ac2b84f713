import { expect, test } from 'vitest';
import { clientTokenOf } from '../../lib/activation/model/ids.ts';
import { activationIdsOf, startTestWorld } from './world.ts';

const CREDENTIAL = {
  account: 'default',
  accessKey: 'AKLT-visible-only-to-volcengine',
  secretKey: 'SK-never-to-be-seen',
  sessionToken: 'STS-never-to-be-seen',
};

test('no secret, token or Authorization header in any log line of a whole run', async () => {
  const world = await startTestWorld({
    env: {
      VOLCENGINE_ACCESS_KEY: CREDENTIAL.accessKey,
      VOLCENGINE_SECRET_KEY: CREDENTIAL.secretKey,
      VOLCENGINE_SESSION_TOKEN: CREDENTIAL.sessionToken,
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
    },
    fake: {
      credentials: [CREDENTIAL],
      seeds: [
        { region: 'cn-beijing', flowLogId: 'fl-1', pendingMs: 200 },
        { region: 'cn-beijing', flowLogId: 'fl-2', pendingMs: 200 },
        { region: 'cn-beijing', flowLogId: 'fl-frozen', frozen: true },
      ],
    },
  });
  // Answers that quote what they were sent, as gateways do, and broken ones.
  await world.addFaults([
    {
      kind: 'error',
      action: 'ActiveFlowLog',
      flowLogId: 'fl-1',
      nth: [1],
      code: 'InternalError',
      message: `bad Credential=${CREDENTIAL.accessKey}/x, Signature=abc, token ${CREDENTIAL.sessionToken}`,
    },
    { kind: 'reset', action: 'ActiveFlowLog', flowLogId: 'fl-2', nth: [1] },
    { kind: 'html', action: 'DescribeFlowLogs', nth: [1] },
  ]);
  const { body } = await world.post({ flowLogIds: ['fl-1', 'fl-2', 'fl-frozen', 'fl-missing'] });
  await world.post({ flowLogIds: 'nonsense' });
  const { counts } = await world.untilDone(body.batchId, 60_000);
  expect(counts).toMatchObject({ completed: 2, failed: 2 });

  const text = world.logs.map((record) => JSON.stringify(record)).join('\n');
  // The run was logged: these lines would have been the ones to leak.
  expect(text).toContain('ActiveFlowLog called');
  const tokens = activationIdsOf(body).map((activationId) => clientTokenOf(activationId, 1));
  const secrets = [CREDENTIAL.secretKey, CREDENTIAL.sessionToken, CREDENTIAL.accessKey, ...tokens];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(text).not.toMatch(/authorization|Signature=|HMAC-SHA256/i);
});
