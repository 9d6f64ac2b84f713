import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { startTestWorld, until } from './world.ts';

const region = 'cn-beijing';
const ALLOWED = { ALLOW_DEACTIVATION: 'true', REPLICA_LAG_MS: '500', RETRY_BASE_MS: '100' };

test('killed in the middle of a call of DeactiveFlowLog, all goes on and each is off once', async () => {
  const dataDir = await tempDir();
  const seeds = ['fl-pending', 'fl-called', 'fl-busy', 'fl-off'].map((flowLogId) => ({
    region,
    flowLogId,
    status: flowLogId === 'fl-off' ? ('Inactive' as const) : ('Active' as const),
    pendingMs: flowLogId === 'fl-pending' ? 4_000 : 100,
  }));
  const before = await startTestWorld({ dataDir, fake: { seeds }, env: ALLOWED });
  await before.addFaults([
    { kind: 'hang', action: 'DeactiveFlowLog', flowLogId: 'fl-called' },
    { kind: 'error', action: 'DeactiveFlowLog', flowLogId: 'fl-busy', code: 'InvalidOperation.Conflict' },
  ]);
  const flowLogIds = seeds.map(({ flowLogId }) => flowLogId);
  const asked = await before.postTo('/deactivations', { flowLogIds });
  expect(asked.status).toBe(202);
  const refused = await before.post({ flowLogIds: ['fl-called'] });
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { type: 'urn:flow-log-activator:problem:opposite-request-open', open: [{ flowLogId: 'fl-called' }] },
  ]);
  const called = async () =>
    (await before.volcengineCalls('DeactiveFlowLog')).flatMap((one) => one.flowLogIds);
  await until(called, (ids) => flowLogIds.every((id) => ids.includes(id)));
  const callsBefore = await before.volcengineCalls('DeactiveFlowLog');
  await Promise.all([before.local.killFunctions(), before.local.killCloud()]);
  await before.local.stop();

  const after = await startTestWorld({ dataDir, fake: { seeds }, env: ALLOWED });
  const { counts, total } = await after.untilDone(asked.body.batchId, 60_000);
  expect(counts.completed).toBe(total);
  const tokens = new Map<string, Set<unknown>>();
  const calls = [...callsBefore, ...(await after.volcengineCalls('DeactiveFlowLog'))];
  for (const {
    flowLogIds: [id = ''],
    clientToken,
  } of calls) {
    tokens.set(id, (tokens.get(id) ?? new Set()).add(clientToken));
  }
  expect([...tokens.values()].every(({ size }) => size === 1)).toBe(true);
  expect(await after.volcengineCalls('ActiveFlowLog')).toEqual([]);
  const { look } = after.watchEvents();
  const types = await until(
    async () => (await look()).map(({ type }) => type),
    (seen) => seen.includes('flow-log-deactivation-batch.completed.v1'),
  );
  expect(types.filter((type) => type.startsWith('flow-log-activation.'))).toEqual([]);
});

test('a world that nobody has told to allow it deactivates nothing', async () => {
  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', status: 'Active' }] } });
  const { status, body } = await world.postTo('/deactivations', { flowLogIds: ['fl-1'] });
  expect([status, body.type]).toEqual([403, 'urn:flow-log-activator:problem:deactivation-disabled']);
  expect(await world.volcengineCalls('DeactiveFlowLog')).toEqual([]);
});
