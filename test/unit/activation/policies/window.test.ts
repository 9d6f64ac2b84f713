import { describe, expect, test } from 'vitest';
import { isWindowOpen, openForMs } from '../../../../lib/activation/policies/window.ts';

const at = (iso: string) => Date.parse(iso);

test('without a window it is always open', () => {
  expect(isWindowOpen(undefined, 0)).toBe(true);
});

test.each([
  ['2026-01-02T08:59:59Z', false],
  ['2026-01-02T09:00:00Z', true],
  ['2026-01-02T16:59:59Z', true],
  ['2026-01-02T17:00:00Z', false],
])('09:00 to 17:00 in UTC, at %s: %s', (time, open) => {
  expect(isWindowOpen({ from: '09:00', to: '17:00' }, at(time))).toBe(open);
});

describe('over midnight, in a time zone', () => {
  // 2026-01-02 is a Friday. 22:00 in Shanghai is 14:00 UTC.
  const window = { days: ['fri' as const], from: '22:00', to: '05:00', timeZone: 'Asia/Shanghai' };
  test.each([
    ['2026-01-01T20:00:00Z', false, 'early on Friday: it would belong to Thursday'],
    ['2026-01-02T13:59:00Z', false, 'Friday 21:59'],
    ['2026-01-02T14:00:00Z', true, 'Friday 22:00'],
    ['2026-01-02T20:59:00Z', true, 'Saturday 04:59, still of Friday'],
    ['2026-01-02T21:00:00Z', false, 'Saturday 05:00'],
    ['2026-01-03T15:00:00Z', false, 'Saturday 23:00'],
  ])('at %s: %s (%s)', (time, open) => {
    expect(isWindowOpen(window, at(time))).toBe(open);
  });

  test('on Monday it belongs to Sunday before 05:00', () => {
    expect(isWindowOpen({ ...window, days: ['sun'] }, at('2026-01-04T20:00:00Z'))).toBe(true);
  });
});

describe('summer time', () => {
  // In Berlin, on 2026-03-29, 02:00 becomes 03:00; on 2026-10-25, 03:00 becomes 02:00.
  const window = { from: '02:30', to: '04:00', timeZone: 'Europe/Berlin' };
  test('in the night without 02:30 it is open from 03:00 on', () => {
    expect(isWindowOpen(window, at('2026-03-29T00:59:00Z'))).toBe(false);
    expect(isWindowOpen(window, at('2026-03-29T01:00:00Z'))).toBe(true);
    expect(isWindowOpen(window, at('2026-03-29T02:00:00Z'))).toBe(false);
  });
  test('in the night with 02:30 twice it opens twice', () => {
    const opensAt = [
      '2026-10-25T00:29:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
    ];
    expect(opensAt.map((time) => isWindowOpen(window, at(time)))).toEqual([false, true, false, true]);
  });
});

test('only a beginning: until the end of the day; only an end: from its beginning', () => {
  expect(isWindowOpen({ from: '20:00' }, at('2026-01-02T23:59:59Z'))).toBe(true);
  expect(isWindowOpen({ from: '20:00' }, at('2026-01-03T00:00:00Z'))).toBe(false);
  expect(isWindowOpen({ to: '05:00' }, at('2026-01-03T00:00:00Z'))).toBe(true);
});

test.each([
  ['2026-01-02T16:29:30Z', 30.5 * 60_000],
  ['2026-01-02T09:00:00Z', 8 * 3_600_000],
])('09:00 to 17:00, at %s: open for %s ms more', (time, ms) => {
  expect(openForMs({ from: '09:00', to: '17:00' }, at(time))).toBe(ms);
});

test('a closed window is open for no time', () => {
  expect(openForMs({ from: '09:00', to: '17:00' }, at('2026-01-02T17:00:00Z'))).toBe(0);
});

test('a window of whole days has no end within a day', () => {
  expect(openForMs({ days: ['fri', 'sat', 'sun'] }, at('2026-01-02T09:00:00Z'))).toBe(86_400_000);
});
