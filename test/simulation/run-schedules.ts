import { Coverage } from './coverage.ts';
import type { ScheduleOptions, Violation } from './environment.ts';
import { runSchedule } from './schedule.ts';

export type RunOptions = ScheduleOptions & {
  /** The seed of the first; each has the next. */
  first: number;
  schedules: number;
  untilViolation?: boolean;
};

/** Runs them one after the other, in one process; of each violated one, the first violation. */
export async function runSchedules({ first, schedules, untilViolation, ...options }: RunOptions) {
  const coverage = new Coverage();
  const violations: { seed: number; violation: Violation }[] = [];
  for (let seed = first; seed < first + schedules; seed += 1) {
    const [violation] = await runSchedule(seed, coverage, options);
    if (violation) violations.push({ seed, violation });
    if (violation && untilViolation) break;
  }
  return { coverage, violations };
}
