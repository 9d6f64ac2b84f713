import { expect, test } from 'vitest';
import { Coverage, gapsIn } from './coverage.ts';
import { runSchedules } from './run-schedules.ts';
import { runSchedule } from './schedule.ts';

test('every schedule keeps every rule, and together they meet every fault', {
  timeout: 300_000,
}, async () => {
  const { coverage, violations } = await runSchedules({ first: 1, schedules: 500 });
  expect(violations).toEqual([]);
  expect(gapsIn(coverage)).toEqual([]);
});

test('a seed replays its schedule, step by step', { timeout: 30_000 }, async () => {
  const traceOf = async (seed: number) => {
    const lines: string[] = [];
    await runSchedule(seed, new Coverage(), { trace: (line) => lines.push(line) });
    return lines;
  };
  const first = await traceOf(7);
  expect(first.length).toBeGreaterThan(100);
  expect(await traceOf(7)).toEqual(first);
  expect(await traceOf(8)).not.toEqual(first);
});

test('a run that meets too little is told what it lacks', () => {
  const coverage = new Coverage();
  coverage.endSchedule(10);
  const gaps = gapsIn(coverage);
  expect(gaps).toContain('crash before: open: 0 times, wanted 1');
  expect(gaps).toContain('error row: FlowLimitExceeded: 0 times, wanted 1');
  expect(gaps).toContain('a schedule of only 10 steps');
});
