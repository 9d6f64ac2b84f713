import { expect, test } from 'vitest';
import { pacingDelayMs } from '../../../../lib/activation/model/pacing.ts';

test.each([
  [4, 0, 0],
  [4, 6, 0],
  // Workers have 2.8 calls per second: 7 jobs at once, then a pause of half a burst, then one job after the other.
  [4, 7, 1_608],
  [4, 8, 1_965],
  [4, 999, 355_893],
  // At this rate a burst is one call.
  [0.1, 0, 0],
  [0.1, 1, 21_429],
  [100_000, 999, 0],
])('at %s calls per second, position %i waits %i ms', (ratePerSecond, position, waitMs) => {
  expect(pacingDelayMs(position, { ratePerSecond })).toBe(waitMs);
});
