import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { addFaults, post, startTestWorld, until, untilBatch, volcengineCalls } from './world.ts';

const seeds = [
  { region: 'cn-beijing', flowLogId: 'fl-pending', pendingMs: 4_000 },
  { region: 'cn-beijing', flowLogId: 'fl-called' },
  { region: 'cn-beijing', flowLogId: 'fl-waiting' },
];

test('after a kill of everything what was open goes on, though the queue has forgotten it', async () => {
  const dataDir = await tempDir();
  const before = await startTestWorld({ dataDir, fake: { seeds } });
  const pending = await post(before, { flowLogIds: ['fl-pending'] });
  await untilBatch(before, pending.body.batchId, ({ counts }) => counts.pending === 1);

  // One is killed in the middle of its call, one while it waits for a retry.
  await addFaults(before, [
    { kind: 'hang', action: 'ActiveFlowLog', flowLogId: 'fl-called' },
    { kind: 'error', action: 'ActiveFlowLog', flowLogId: 'fl-waiting', code: 'InvalidOperation.Conflict' },
  ]);
  const queued = await post(before, { flowLogIds: ['fl-called', 'fl-waiting'] });
  const calledFor = async () => (await volcengineCalls(before)).flatMap(({ flowLogIds }) => flowLogIds);
  await until(calledFor, (ids) => ids.includes('fl-called') && ids.includes('fl-waiting'));
  await Promise.all([before.killFunctions(), before.killCloud()]);
  await before.stop();

  const after = await startTestWorld({ dataDir, fake: { seeds } });
  for (const { body } of [pending, queued]) {
    const { counts, total } = await untilBatch(after, body.batchId, ({ done }) => done, 60_000);
    expect(counts.completed).toBe(total);
  }
});
