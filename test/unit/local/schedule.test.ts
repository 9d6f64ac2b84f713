import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/functions-runner/schedule.ts';

describe('parseSchedule', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
  ])('%s fires at the start and every %s ms', (expression, everyMs) => {
    const schedule = parseSchedule(expression);
    expect(schedule.firesAtStart).toBe(true);
    expect(schedule.next(1000)).toBe(1000 + everyMs);
  });

  it.each([
    ['cron(0 12 * * ? *)', '2026-03-13T12:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-03-12T19:15:00.000Z'],
    ['cron(30 8-18 ? * MON-FRI *)', '2026-03-13T08:30:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? *)', '2026-07-01T00:00:00.000Z'],
    ['cron(5 20 ? * 5 2026)', '2026-03-12T20:05:00.000Z'],
  ])('%s fires first at %s', (expression, next) => {
    const schedule = parseSchedule(expression);
    expect(schedule.firesAtStart).toBe(false);
    expect(new Date(schedule.next(Date.parse('2026-03-12T19:03:58Z'))).toISOString()).toBe(next);
  });

  it.each([
    'rate(0 minutes)',
    'rate(1 second)',
    'cron(0 12 * *)',
    'cron(0 12 L * ? *)',
    'cron(61 12 * * ? *)',
    'cron(0 12 ? * 6#3 *)',
    'at(2026-01-01T00:00:00)',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow('Unsupported');
  });
});
