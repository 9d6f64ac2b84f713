import { describe, expect, test } from 'vitest';
import { parseHttpDate } from '../../../lib/http/http-date.ts';
import { parseRetryAfter } from '../../../lib/http/retry-after.ts';
import { createServerClock } from '../../../lib/volcengine/server-clock.ts';

const CAP_MS = 900_000;
const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const inMs = (offsetMs: number) => new Date(NOW + offsetMs).toUTCString();

describe('parseRetryAfter', () => {
  test.each([
    ['1', 1000],
    ['899', 899_000],
    ['900', CAP_MS],
    ['901', CAP_MS],
    ['9'.repeat(400), CAP_MS],
    [inMs(30_000), 30_000],
    [inMs(86_400_000), CAP_MS],
  ])('%s', (header, retryAfterMs) => {
    expect(parseRetryAfter(header, NOW, CAP_MS)).toBe(retryAfterMs);
  });

  test.each([
    undefined,
    '',
    '0',
    '-5',
    '1.5',
    '1e3',
    '0x10',
    ' 5',
    '5s',
    'soon',
    'NaN',
    inMs(0),
    inMs(-1000),
    '2026-01-01T13:00:00Z',
  ])('ignores %s', (header) => {
    expect(parseRetryAfter(header, NOW, CAP_MS)).toBeUndefined();
  });
});

test.each([
  'Thu, 99 Jan 2026 12:00:00 GMT',
  'Thu, 01 Foo 2026 12:00:00 GMT',
  'Thu, 01 Jan 2026 12:00:00 UTC',
])('no HTTP date: %s', (value) => {
  expect(parseHttpDate(value)).toBeUndefined();
});

describe('createServerClock', () => {
  test('is our clock, until an answer corrects it, and follows later corrections', () => {
    let now = NOW;
    const clock = createServerClock(() => now);
    expect(clock.now()).toBe(NOW);
    expect(clock.learn(inMs(3_600_000))).toBe(true);
    now += 500;
    expect(clock.now()).toBe(NOW + 3_600_500);
    now = NOW;
    expect(clock.learn(inMs(0))).toBe(true);
    expect(clock.now()).toBe(NOW);
  });

  test.each([undefined, '', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'learns nothing from %s',
    (header) => {
      const clock = createServerClock(() => NOW);
      clock.learn(inMs(60_000));
      expect(clock.learn(header)).toBe(false);
      expect(clock.now()).toBe(NOW + 60_000);
    },
  );
});
