import { expect, test } from 'vitest';
import { batch, post, startTestWorld, tempDir, until } from './world.ts';

const seeds = [
  { region: 'cn-beijing', flowLogId: 'fl-slow', pendingMs: 4_000 },
  { region: 'cn-beijing', flowLogId: 'fl-held' },
];

test('what was open goes on after a stop, though the queue has forgotten it', async () => {
  const dataDir = await tempDir();
  const before = await startTestWorld({
    dataDir,
    fake: { seeds },
  });
  const slow = await post(before, { flowLogIds: ['fl-slow'] });
  await until(
    () => batch(before, slow.body.batchId),
    ({ counts }) => counts.pending === 1,
  );
  const held = await post(before, { flowLogIds: ['fl-held'] });
  await before.stop();

  const after = await startTestWorld({ dataDir, fake: { seeds } });
  for (const { body } of [slow, held]) {
    const { counts } = await until(
      () => batch(after, body.batchId),
      ({ done }) => done,
      60_000,
    );
    expect(counts.completed).toBe(1);
  }
});
