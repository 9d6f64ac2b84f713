import { expect, test } from 'vitest';
import { startTestWorld } from './world.ts';

const TICK_MS = 1_000;

test('100 flow logs in one request: exactly 100 ActiveFlowLog calls, and one DescribeFlowLogs a tick', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `fl-${index}`);
  const world = await startTestWorld({
    env: { POLL_TICK_MS: String(TICK_MS) },
    fake: {
      seeds: ids.map((flowLogId, index) => ({
        region: 'cn-beijing',
        flowLogId,
        pendingMs: 2_000 + index * 40,
      })),
    },
  });
  const { status, body } = await world.post({ flowLogIds: ids });
  expect(status).toBe(202);
  const done = await world.untilDone(body.batchId, 60_000);
  expect(done.counts).toEqual({ queued: 0, pending: 0, completed: 100, failed: 0 });

  const calls = await world.volcengineCalls();
  const active = calls.filter(({ action }) => action === 'ActiveFlowLog');
  expect(active).toHaveLength(100);
  expect(new Set(active.flatMap(({ flowLogIds }) => flowLogIds)).size).toBe(100);

  const describes = calls.filter(({ action }) => action === 'DescribeFlowLogs').map(({ at }) => at);
  // Pending for at least 2 s: there was something to ask. Ticks begin at least TICK_MS apart, so that between the
  // first question and the last there are no more than that time has ticks, give or take a late one at each end.
  expect(describes.length).toBeGreaterThanOrEqual(2);
  const spanMs = (describes.at(-1) ?? 0) - (describes[0] ?? 0);
  expect(describes.length).toBeLessThanOrEqual(Math.floor(spanMs / TICK_MS) + 2);
});
