import * as v from 'valibot';
import { resolveIntrinsics, type Scope } from '../template/intrinsics.ts';
import { resourcesOfType, type Template } from '../template/template.ts';

/** A metric with its one dimension, by the value. */
export type MetricId = { namespace: string; name: string; dimension: string };

/** An alarm of the template, on one metric or on the sum of several. */
export type AlarmDefinition = {
  name: string;
  description: string;
  metrics: MetricId[];
  statistic: 'Sum' | 'Maximum';
  periodMs: number;
  evaluationPeriods: number;
  operator: 'GreaterThanThreshold' | 'LessThanThreshold';
  threshold: number;
  missingData: 'breaching' | 'notBreaching';
};

const Metric = v.object({
  Namespace: v.string(),
  MetricName: v.string(),
  Dimensions: v.tuple([v.object({ Name: v.string(), Value: v.string() })]),
});

const statistic = v.picklist(['Sum', 'Maximum']);

const Condition = v.object({
  AlarmDescription: v.string(),
  ComparisonOperator: v.picklist(['GreaterThanThreshold', 'LessThanThreshold']),
  EvaluationPeriods: v.number(),
  Threshold: v.number(),
  TreatMissingData: v.picklist(['breaching', 'notBreaching']),
});

const SingleAlarm = v.object({
  ...Condition.entries,
  ...Metric.entries,
  Period: v.number(),
  Statistic: statistic,
});

const SumAlarm = v.object({
  ...Condition.entries,
  Metrics: v.tupleWithRest(
    [v.object({ Expression: v.literal('SUM(METRICS())') })],
    v.object({ MetricStat: v.object({ Metric, Period: v.number(), Stat: statistic }) }),
  ),
});

/**
 * The alarms of the template.
 * @throws ValiError for an alarm of a form that nobody has needed yet.
 */
export function alarmDefinitions(template: Template, scope: Scope): AlarmDefinition[] {
  return resourcesOfType(template, 'AWS::CloudWatch::Alarm').map(([name, { Properties }]) => {
    const alarm = v.parse(v.union([SingleAlarm, SumAlarm]), resolveIntrinsics(Properties, scope));
    return {
      name,
      description: alarm.AlarmDescription,
      ...watched(alarm),
      evaluationPeriods: alarm.EvaluationPeriods,
      operator: alarm.ComparisonOperator,
      threshold: alarm.Threshold,
      missingData: alarm.TreatMissingData,
    };
  });
}

function watched(alarm: v.InferOutput<typeof SingleAlarm> | v.InferOutput<typeof SumAlarm>) {
  if (!('Metrics' in alarm)) {
    return { metrics: [idOf(alarm)], statistic: alarm.Statistic, periodMs: alarm.Period * 1_000 };
  }
  const [, ...stats] = alarm.Metrics;
  const [{ MetricStat: { Period = 0, Stat = 'Sum' as const } = {} } = {}] = stats;
  return {
    metrics: stats.map(({ MetricStat }) => idOf(MetricStat.Metric)),
    statistic: Stat,
    periodMs: Period * 1_000,
  };
}

function idOf({ Namespace, MetricName, Dimensions: [dimension] }: v.InferOutput<typeof Metric>): MetricId {
  return { namespace: Namespace, name: MetricName, dimension: dimension.Value };
}
