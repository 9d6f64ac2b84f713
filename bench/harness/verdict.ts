import type { Target } from '../targets.ts';
import type { Measured } from './statistics.ts';
import { figure, type Table, withSpread } from './table.ts';

export type Verdict = 'met' | 'missed';

/** By the median. */
export function judge(target: Target, { median }: Measured): Verdict {
  const holds = 'atMost' in target ? median <= target.atMost : median >= target.atLeast;
  return holds ? 'met' : 'missed';
}

export function limitOf(target: Target): string {
  return 'atMost' in target ? `≤ ${figure(target.atMost)}` : `≥ ${figure(target.atLeast)}`;
}

/**
 * Of the targets whose figures were measured. A target speaks of the full sizes: figures of other ones, which
 * `isFull` tells apart, neither meet nor miss it.
 */
export function verdictTable(
  targets: readonly Target[],
  figures: Record<string, Measured>,
  isFull: (figure: string) => boolean,
): Table {
  const rows = targets.flatMap((target) => {
    const measured = figures[target.figure];
    if (measured === undefined) return [];
    const { what, against, unit } = target;
    const verdict = isFull(target.figure) ? judge(target, measured) : 'none: other sizes';
    return [[what, against, limitOf(target), `${withSpread(measured)} ${unit}`, verdict]];
  });
  return { title: 'Targets', columns: ['what', 'against', 'target', 'measured', 'verdict'], rows };
}
