import type { AlarmDefinition, MetricId } from './alarm-definitions.ts';

/** As CloudWatch names them. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

type Measured = {
  between(metric: MetricId, from: number, until: number): number[];
};

/**
 * The state of an alarm, with windows that slide, as CloudWatch's do: ALARM when each of the last `evaluationPeriods`
 * breaches. Before `startedAt` nothing was measured: a missing value of that time breaches nothing, and an alarm for which
 * it would have breached has insufficient data.
 */
export function evaluateAlarm(
  alarm: AlarmDefinition,
  samples: Measured,
  { now, startedAt, speed }: { now: number; startedAt: number; speed: number },
): AlarmState {
  const periodMs = alarm.periodMs / speed;
  const periods = Array.from({ length: alarm.evaluationPeriods }, (_, index) => {
    const until = now - index * periodMs;
    const value = statisticOf(alarm, samples, until - periodMs, until);
    if (value !== undefined) return breaches(alarm, value) ? 'breaching' : 'fine';
    if (alarm.missingData === 'notBreaching') return 'fine';
    return until - periodMs < startedAt ? 'unknown' : 'breaching';
  });
  if (periods.every((period) => period === 'breaching')) return 'ALARM';
  return periods.includes('fine') ? 'OK' : 'INSUFFICIENT_DATA';
}

/** Undefined: no value in this time. */
function statisticOf(alarm: AlarmDefinition, samples: Measured, from: number, until: number) {
  const statistics = alarm.metrics.flatMap((metric) => {
    const values = samples.between(metric, from, until);
    if (values.length === 0) return [];
    return alarm.statistic === 'Sum' ? sumOf(values) : Math.max(...values);
  });
  return statistics.length === 0 ? undefined : sumOf(statistics);
}

function breaches({ operator, threshold }: AlarmDefinition, value: number): boolean {
  return operator === 'GreaterThanThreshold' ? value > threshold : value < threshold;
}

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
