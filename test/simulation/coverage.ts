import { FAULT_RATES, IO_KINDS, ROW_NAMES } from './fault-kinds.ts';
import { LOAD_EVENTS } from './loads/load.ts';

/** What so many schedules have met, and whether that is enough to believe them. */
export class Coverage {
  schedules = 0;
  steps = 0;
  fewestSteps = Number.POSITIVE_INFINITY;
  readonly counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.counts.set(what, this.of(what) + times);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  endSchedule(steps: number): void {
    this.schedules += 1;
    this.steps += steps;
    this.fewestSteps = Math.min(this.fewestSteps, steps);
  }
}

export const crashName = (io: string, point: string) => `crash ${point}: ${io}`;
export const ioName = (io: string) => `i/o: ${io}`;
export const faultName = (fault: string) => `fault: ${fault}`;
export const rowCount = (row: string) => `error row: ${row}`;
export const endName = (end: string) => `end: ${end}`;
export const happenedName = (what: string) => `happened: ${what}`;

/** What people and Volcengine do of their own accord. */
const SCHEDULED_EVENTS = [
  'replay after 202',
  'key used with another body',
  'caller gives up',
  'cancelled',
  'cancel refused',
  'redriven',
  'redrive repeated after a later failure',
  'redrive refused',
  'redriven in bulk',
  'redriven while its batch is read',
  'deadLetter moved back',
  'joined',
  'flow log activated by someone else',
  'flow log deactivated',
  'flow log locked',
  'flow log unlocked',
  'flow log deleted',
  'flow log Active just before the deadline',
  'bus created late',
  'bus deleted',
  'completed flow log spoiled',
  'drift began',
  'drift ended',
  'batch redriven after its end',
  'durations as shipped',
  ...LOAD_EVENTS,
] as const;

export type ScheduledEvent = (typeof SCHEDULED_EVENTS)[number];

const LEAST_STEPS = 100;
const LEAST_COMPLETED_SHARE = 0.25;
/** A thousand schedules must have met each thing at least so often. */
const HITS_PER_THOUSAND = 1;

/** What is missing for the run to prove anything; empty when it is enough. */
export function gapsIn(coverage: Coverage): string[] {
  const least = Math.max(1, Math.floor((coverage.schedules * HITS_PER_THOUSAND) / 1000));
  const wanted = [
    ...IO_KINDS.flatMap((io) => [crashName(io, 'before'), crashName(io, 'after')]),
    ...Object.keys(FAULT_RATES).map(faultName),
    ...ROW_NAMES.map(rowCount),
    ...SCHEDULED_EVENTS.map(happenedName),
  ];
  const gaps = wanted
    .filter((what) => coverage.of(what) < least)
    .map((what) => `${what}: ${coverage.of(what)} times, wanted ${least}`);
  if (coverage.fewestSteps < LEAST_STEPS) gaps.push(`a schedule of only ${coverage.fewestSteps} steps`);
  const share = completedShare(coverage);
  if (!(share >= LEAST_COMPLETED_SHARE)) {
    gaps.push(`progress: only ${percent(share)} of all ends are completed`);
  }
  return gaps;
}

export function completedShare(coverage: Coverage): number {
  const completed = coverage.of(endName('completed'));
  const ends = [...coverage.counts].filter(([what]) => what.startsWith(endName('')));
  return completed / ends.reduce((sum, [, times]) => sum + times, 0);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
