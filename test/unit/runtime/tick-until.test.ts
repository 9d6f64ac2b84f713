import { beforeEach, expect, test } from 'vitest';
import { tickUntil } from '../../../lib/runtime/tick-until.ts';

let now: number;
let startedAt: number[];
let tickTakes: number;
let failing: (tick: number) => boolean;
const logged: string[] = [];

beforeEach(() => {
  now = 0;
  startedAt = [];
  tickTakes = 100;
  failing = () => false;
  logged.length = 0;
});

const run = (answer: 'go on' | 'stop' = 'go on') =>
  tickUntil({
    tickMs: 5_000,
    reserveMs: 1_000,
    remainingMs: () => 58_000 - now,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    log: { error: (message) => logged.push(message) },
    async tick(stopAt) {
      expect(stopAt).toBe(57_000);
      startedAt.push(now);
      now += tickTakes;
      if (failing(startedAt.length)) throw new Error('store down');
      return answer;
    },
  });

test('ticks from start to start through the minute, none with less than a tick and a second left', async () => {
  await run();
  expect(startedAt).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50].map((seconds) => seconds * 1_000));
  expect(now).toBeLessThan(58_000);
});

test('a tick longer than its time is followed at once', async () => {
  tickTakes = 12_000;
  await run();
  expect(startedAt).toEqual([0, 12_000, 24_000, 36_000, 48_000]);
});

test('stops when told to', async () => {
  await run('stop');
  expect(startedAt).toEqual([0]);
});

test('a tick that throws is logged, and the next one tried', async () => {
  failing = (tick) => tick === 2;
  await run();
  expect(startedAt).toHaveLength(11);
  expect(logged).toEqual(['a tick failed']);
});

test('fails in the end when the last tick failed', async () => {
  failing = (tick) => tick >= 3;
  await expect(run()).rejects.toThrow('store down');
});
