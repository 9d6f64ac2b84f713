import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, duePeriod, isPollDue, retryDelayMs } from '../../../../lib/activation/model/policy.ts';
import { policy } from '../../../support/fakes/activations.ts';

const error = { code: 'X', message: 'x' };

test('backoff is exponential with full jitter, from 1 s to the cap', () => {
  const upper = (attempts: number) => backoffMs(attempts, 1_000, 900_000, () => 0.999_999);
  expect([1, 2, 3, 5, 9, 10, 50].map(upper)).toEqual([
    2_000, 4_000, 8_000, 32_000, 511_999, 899_999, 899_999,
  ]);
  expect(backoffMs(10, 1_000, 900_000, () => 0)).toBe(1_000);
});

test('no delay is below 1 s or above the limit of SQS', () => {
  const failures = fc.constantFrom(
    { kind: 'retry' as const, error },
    { kind: 'retry' as const, error, soon: true },
    { kind: 'retry' as const, error, retryAfterMs: 1e12 },
    { kind: 'throttled' as const, error, retryAfterMs: 0 },
    { kind: 'hold' as const, error },
  );
  fc.assert(
    fc.property(
      failures,
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failure, attempts, random) => {
        const delay = retryDelayMs(failure, attempts, policy, () => random);
        expect(delay).toBeGreaterThanOrEqual(1_000);
        expect(delay).toBeLessThanOrEqual(900_000);
        expect(Number.isInteger(delay)).toBe(true);
      },
    ),
  );
});

test('a call that Volcengine still processes is repeated within seconds, after any number of attempts', () => {
  expect(retryDelayMs({ kind: 'retry', error, soon: true }, 30, policy, () => 0.99)).toBe(4_950);
});

test('old due items are read every 30 seconds, and by a new container at once', () => {
  expect(duePeriod(Number.NEGATIVE_INFINITY, 605_000)).toEqual({ from: 0, until: 605_000 });
  expect(duePeriod(600_000, 605_000)).toEqual({ from: 305_000, until: 605_000 });
  expect(duePeriod(625_000, 630_000)).toEqual({ from: 0, until: 630_000 });
});

test('a late tick misses no due poll', () => {
  const pendingAt = 0;
  expect(isPollDue(pendingAt, 600_000, 631_000)).toBe(true);
  expect(isPollDue(pendingAt, 601_000, 606_000)).toBe(false);
});
