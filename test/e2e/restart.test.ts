import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { startTestWorld, until } from './world.ts';

const seeds = [
  { region: 'cn-beijing', flowLogId: 'fl-pending', pendingMs: 4_000 },
  { region: 'cn-beijing', flowLogId: 'fl-called' },
  { region: 'cn-beijing', flowLogId: 'fl-waiting' },
];

test('after a kill of everything what was open goes on, though the queue has forgotten it', async () => {
  const dataDir = await tempDir();
  const before = await startTestWorld({ dataDir, fake: { seeds } });
  const pending = await before.post({ flowLogIds: ['fl-pending'] });
  await before.untilBatch(pending.body.batchId, ({ counts }) => counts.pending === 1);

  // One is killed in the middle of its call, one while it waits for a retry.
  await before.addFaults([
    { kind: 'hang', action: 'ActiveFlowLog', flowLogId: 'fl-called' },
    { kind: 'error', action: 'ActiveFlowLog', flowLogId: 'fl-waiting', code: 'InvalidOperation.Conflict' },
  ]);
  const queued = await before.post({ flowLogIds: ['fl-called', 'fl-waiting'] });
  const calledFor = async () => (await before.volcengineCalls()).flatMap(({ flowLogIds }) => flowLogIds);
  await until(calledFor, (ids) => ids.includes('fl-called') && ids.includes('fl-waiting'));
  await Promise.all([before.local.killFunctions(), before.local.killCloud()]);
  await before.local.stop();

  const after = await startTestWorld({ dataDir, fake: { seeds } });
  for (const { body } of [pending, queued]) {
    const { counts, total } = await after.untilDone(body.batchId, 60_000);
    expect(counts.completed).toBe(total);
  }
});
