import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  classifyAttempt,
  deferralDelayMs,
  isDayOver,
  RETRY_FOR_MS,
  retryDelayMs,
} from '../../../../lib/webhooks/outbound/retry.ts';

const responded = (httpStatus: number) =>
  classifyAttempt({ kind: 'response', httpStatus, excerpt: 'why' }, 5_000);

test.each([
  [200, 'delivered', 'up'],
  [202, 'delivered', 'up'],
  [204, 'delivered', 'up'],
  [299, 'delivered', 'up'],
  [301, 'retry', 'up'],
  [307, 'retry', 'up'],
  [400, 'retry', 'up'],
  [401, 'retry', 'up'],
  [404, 'retry', 'up'],
  [408, 'retry', 'down'],
  [410, 'gone', 'up'],
  [422, 'retry', 'up'],
  [429, 'retry', 'down'],
  [500, 'retry', 'down'],
  [503, 'retry', 'down'],
  [599, 'retry', 'down'],
  [999, 'retry', 'down'],
])('%i is %s, and the endpoint %s', (httpStatus, kind, signal) => {
  expect(responded(httpStatus)).toMatchObject({ kind, signal: { kind: signal } });
});

test('a response leaves its status and excerpt, its Retry-After counts; no response leaves its code', () => {
  expect(responded(503)).toEqual({
    kind: 'retry',
    signal: { kind: 'down', retryAfterMs: 5_000 },
    failure: { httpStatus: 503, excerpt: 'why' },
    retryAfterMs: 5_000,
  });
  expect(classifyAttempt({ kind: 'response', httpStatus: 404, excerpt: '' }, undefined)).toMatchObject({
    failure: { httpStatus: 404 },
    retryAfterMs: 0,
  });
  expect(classifyAttempt({ kind: 'no-response', code: 'ECONNREFUSED', message: 'm' }, undefined)).toEqual({
    kind: 'retry',
    signal: { kind: 'down' },
    failure: { code: 'ECONNREFUSED', message: 'm' },
    retryAfterMs: 0,
  });
  const timedOut = { kind: 'no-response', code: 'TimedOut', message: 'm', timedOut: true } as const;
  const hung = classifyAttempt(timedOut, undefined);
  expect(hung).toMatchObject({ kind: 'retry', signal: { kind: 'timed-out' }, failure: { code: 'TimedOut' } });
});

const moment = fc.record({
  attempt: fc.integer({ min: 1, max: 10_000 }),
  firstAt: fc.constant(1_000_000),
  ageMs: fc.integer({ min: 0, max: RETRY_FOR_MS - 1 }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

test('every delay is one that a queue takes, not before Retry-After, not long past the day', () => {
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 0, max: 900_000 }),
      ({ attempt, firstAt, ageMs, random: drawn }, waitMs) => {
        const now = firstAt + ageMs;
        const random = () => drawn;
        for (const delayMs of [
          retryDelayMs({ attempt, firstAt, now }, { baseMs: 2_000, retryAfterMs: waitMs, random }),
          deferralDelayMs({ firstAt, now }, { waitMs, random }),
        ]) {
          expect(delayMs).toBeGreaterThanOrEqual(1_000);
          expect(delayMs).toBeLessThanOrEqual(900_000);
          const leftMs = RETRY_FOR_MS - ageMs;
          expect(delayMs).toBeLessThanOrEqual(Math.max(1_000, leftMs));
          expect(delayMs).toBeGreaterThanOrEqual(Math.min(waitMs, leftMs, 900_000));
        }
      },
    ),
  );
});

test('delays grow with the attempts, and what is put aside with its age', () => {
  const at = (attempt: number) =>
    retryDelayMs({ attempt, firstAt: 0, now: 0 }, { baseMs: 2_000, retryAfterMs: 0, random: () => 1 });
  expect([1, 2, 3, 8, 9, 50].map(at)).toEqual([4_000, 8_000, 16_000, 512_000, 900_000, 900_000]);
  const aged = (now: number) => deferralDelayMs({ firstAt: 0, now }, { waitMs: 5_000, random: () => 0.5 });
  expect([0, 60_000, 10_000_000].map(aged)).toEqual([5_000, 30_000, 900_000]);
});

test('the day is a day', () => {
  expect(isDayOver({ firstAt: 5, now: 5 + 86_400_000 })).toBe(true);
  expect(isDayOver({ firstAt: 5, now: 4 + 86_400_000 })).toBe(false);
});
