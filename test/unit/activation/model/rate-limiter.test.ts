import { beforeEach, expect, test } from 'vitest';
import type { RateLimiter } from '../../../../lib/activation/model/ports.ts';
import { createRateLimiter } from '../../../../lib/activation/model/rate-limiter.ts';

let now: number;
let slept: number[];
let limiter: RateLimiter;

beforeEach(() => {
  now = 1_000_000;
  slept = [];
  limiter = createRateLimiter({
    ratePerSecond: 4,
    burst: 10,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
    },
  });
});

test('the burst does not wait, then each caller waits for its own token', async () => {
  for (let index = 0; index < 13; index += 1) expect(await limiter.acquire('a', 60_000)).toBe(0);
  expect(slept).toEqual([250, 500, 750]);
});

test('a wait that is too long is refused at once and uses no token', async () => {
  for (let index = 0; index < 10; index += 1) await limiter.acquire('a', 0);
  expect(await limiter.acquire('a', 249)).toBe(250);
  expect(await limiter.acquire('a', 250)).toBe(0);
});

test('accounts have separate buckets', async () => {
  for (let index = 0; index < 10; index += 1) await limiter.acquire('a', 0);
  expect(await limiter.acquire('b', 0)).toBe(0);
});

test('over a long time, calls do not exceed the rate', async () => {
  let taken = 0;
  for (let second = 0; second < 100; second += 1) {
    while ((await limiter.acquire('a', 0)) === 0) taken += 1;
    now += 1_000;
  }
  expect(taken).toBe(10 + 99 * 4);
});

test('a released token can be acquired again, but never more than the burst', async () => {
  for (let index = 0; index < 10; index += 1) await limiter.acquire('a', 0);
  limiter.release('a');
  expect(await limiter.acquire('a', 0)).toBe(0);
  for (let index = 0; index < 20; index += 1) limiter.release('a');
  let taken = 0;
  while ((await limiter.acquire('a', 0)) === 0) taken += 1;
  expect(taken).toBe(10);
});

test('throttled: halves the rate once per burst, then recovers step by step', async () => {
  limiter.throttled('a');
  limiter.throttled('a');
  const takenIn = async (seconds: number) => {
    let taken = 0;
    for (let tick = 0; tick < seconds * 10; tick += 1) {
      now += 100;
      while ((await limiter.acquire('a', 0)) === 0) taken += 1;
    }
    return taken;
  };
  expect(await takenIn(10)).toBe(20);
  for (let index = 0; index < 20; index += 1) limiter.succeeded('a');
  expect(await takenIn(10)).toBe(40);
});

test('keeps a minimum rate after many throttled calls', async () => {
  for (let index = 0; index < 50; index += 1) {
    now += 2_000;
    limiter.throttled('a');
  }
  now += 60_000;
  expect(await limiter.acquire('a', 0)).toBe(0);
});

test('a clock that jumps back adds and removes no tokens', async () => {
  for (let index = 0; index < 10; index += 1) await limiter.acquire('a', 0);
  now -= 3_600_000;
  expect(await limiter.acquire('a', 0)).toBe(250);
  expect(await limiter.acquire('a', 1_000)).toBe(0);
});
