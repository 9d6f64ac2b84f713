/** One figure of several rounds: its median, and between which values it came out. */
export type Measured = { unit: string; median: number; least: number; most: number; rounds: number };

/** What one contender did in one round. */
export type Sample = { operations: number; wallMs: number; cpuUs: number };

export const ratePerSecond = ({ operations, wallMs }: Sample) => (operations * 1_000) / wallMs;
export const cpuUsPerOperation = ({ operations, cpuUs }: Sample) => cpuUs / operations;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

/** The least value that so large a share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function measured(unit: string, values: readonly number[]): Measured {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { unit, median: median(values), least, most, rounds: values.length };
}

/**
 * `a ÷ b`, round by round: both contenders of a round ran right after each other, so that what slows the machine down
 * for a while slows both.
 */
export function ratio(a: readonly number[], b: readonly number[]): Measured {
  return measured(
    '×',
    a.map((value, round) => value / (b[round] ?? Number.NaN)),
  );
}

/** The slope of the least-squares line through (log x, log y): y grows as x to this power. */
export function exponentOf(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
