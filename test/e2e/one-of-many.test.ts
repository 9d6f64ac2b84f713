import { expect, test } from 'vitest';
import { startTestWorld } from './world.ts';

const region = 'cn-beijing';
const ids = (count: number) => Array.from({ length: count }, (_, index) => `fl-${index}`);

test.each([
  ['404 for an unknown id', { unknown: true }],
  ['400 for a malformed id', { malformed: 'fl-9' }],
])('a whole DescribeFlowLogs refused with %s: the others complete', async (_what, refusedIds) => {
  const world = await startTestWorld({
    fake: {
      seeds: ids(12).map((flowLogId) => ({
        region,
        flowLogId,
        pendingMs: 300,
        ...(flowLogId === 'fl-9' && { activatesTo: 'Absent' as const }),
      })),
    },
  });
  await world.changeSettings({ refusedIds });
  const { body } = await world.post({ flowLogIds: ids(12) });
  await world.untilBatch(body.batchId, ({ counts }) => counts.completed === 11);
  const describes = await world.volcengineCalls('DescribeFlowLogs');
  expect(describes.filter(({ httpStatus }) => httpStatus !== 200)).not.toEqual([]);
});

test.each([
  { kind: 'reset' },
  { kind: 'error', code: 'FlowLimitExceeded', httpStatus: 429 },
  { kind: 'error', code: 'ServiceUnavailableTemp', httpStatus: 503, retryAfterSeconds: 2 },
])(
  'one id of a group for which DescribeFlowLogs fails with $kind $httpStatus: the others complete',
  async (fault) => {
    const world = await startTestWorld({
      // Each 429 halves the rate: from here it stays high enough for the time of a test.
      env: { RATE_LIMIT_PER_SECOND: '2000' },
      fake: { seeds: ids(30).map((flowLogId) => ({ region, flowLogId, pendingMs: 300 })) },
    });
    await world.addFaults([{ ...fault, action: 'DescribeFlowLogs', flowLogId: 'fl-9' }]);
    const { body } = await world.post({ flowLogIds: ids(30) });
    await world.untilBatch(body.batchId, ({ counts }) => counts.completed === 29);
  },
);

test('a deadline holds while DescribeFlowLogs gives nothing but garbage; the others of another account go on', async () => {
  const world = await startTestWorld({
    env: {
      REPLICA_LAG_MS: '500',
      PENDING_DEADLINE_MS: '1000',
      VOLCENGINE_ACCOUNTS: JSON.stringify({
        bad: { accessKey: 'AKLTbad', secretKey: 'secret-of-bad' },
        good: { accessKey: 'AKLTgood', secretKey: 'secret-of-good' },
      }),
    },
    fake: {
      credentials: ['bad', 'good'].map((account) => ({
        accessKey: `AKLT${account}`,
        secretKey: `secret-of-${account}`,
        account,
      })),
      seeds: ['bad', 'good'].map((account) => ({ account, region, flowLogId: 'fl-1', pendingMs: 100 })),
    },
  });
  await world.addFaults([{ kind: 'garbage', account: 'bad', action: 'DescribeFlowLogs' }]);
  const asked = await Promise.all(
    ['bad', 'good'].map((account) => world.post({ account, flowLogIds: ['fl-1'] })),
  );
  const [bad, good] = await Promise.all(asked.map(({ body }) => world.untilDone(body.batchId)));
  expect(bad).toMatchObject({ counts: { failed: 1 } });
  expect(good).toMatchObject({ counts: { completed: 1 } });
  const lines = world.logs.filter(({ level }) => level === 'ERROR');
  expect(lines.map(({ message }) => message)).toContain(
    'failed at its deadline without a usable reply of DescribeFlowLogs',
  );
});
