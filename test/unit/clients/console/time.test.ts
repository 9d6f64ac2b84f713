import { describe, expect, test } from 'vitest';
import {
  duration,
  fromLocalField,
  relativeTime,
  toLocalField,
} from '../../../../clients/console/model/time.ts';
import { AT, atSecond } from './build-activation.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0 ms'],
  [763, '763 ms'],
  [4_040, '4.0 s'],
  [42_000, '42 s'],
  [420_000, '7 min'],
  [3 * 3_600_000, '3 h'],
  [3 * 86_400_000, '3 d'],
])('%i ms are %s', (ms, text) => {
  expect(plain(duration(ms))).toBe(text);
});

test.each([
  [0, 'now'],
  [-7, '7 s ago'],
  [12, 'in 12 s'],
  [-600, '10 min ago'],
])('%i s from now are %s', (seconds, text) => {
  expect(plain(relativeTime(atSecond(seconds), AT))).toBe(text);
});

describe('a field for a local time', () => {
  test('is read back to the minute', () => {
    expect(fromLocalField(toLocalField('2026-11-26T12:34:00.000Z'))).toBe('2026-11-26T12:34:00.000Z');
  });

  test('is empty without a time', () => {
    expect([toLocalField(undefined), toLocalField('soon')]).toEqual(['', '']);
    expect(fromLocalField('')).toBeUndefined();
  });
});
