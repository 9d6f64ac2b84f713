import { beforeEach, describe, expect, test } from 'vitest';
import { alarmDefinitions } from '../../../local/alarms/alarm-definitions.ts';
import { evaluateAlarm } from '../../../local/alarms/evaluate-alarm.ts';
import { MetricSamples } from '../../../local/alarms/metric-samples.ts';
import type { Scope } from '../../../local/template/intrinsics.ts';

const scope: Scope = {
  region: 'eu-west-1',
  accountId: '000000000000',
  stackName: 'test',
  resources: new Map([['Worker', { ref: 'test-worker', attributes: {} }]]),
};

const single = {
  AlarmDescription: 'It happens.',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Worker' } }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 1,
  TreatMissingData: 'notBreaching',
};
const metric = { namespace: 'AWS/Lambda', name: 'Errors', dimension: 'test-worker' };

const define = (Properties: Record<string, unknown>) =>
  alarmDefinitions({ Resources: { AnAlarm: { Type: 'AWS::CloudWatch::Alarm', Properties } } }, scope)[0] ??
  expect.unreachable();

const MINUTE = 60_000;
const startedAt = 100 * MINUTE;
let samples = new MetricSamples();
beforeEach(() => {
  samples = new MetricSamples();
});

/** The state so many minutes after the start. */
const stateAfter = (minutes: number, change: Record<string, unknown> = {}, speed = 1) =>
  evaluateAlarm(define({ ...single, ...change }), samples, {
    now: startedAt + (minutes * MINUTE) / speed,
    startedAt,
    speed,
  });

describe('an alarm of the template', () => {
  test('on one metric', () => {
    expect(define(single)).toEqual({
      name: 'AnAlarm',
      description: 'It happens.',
      metrics: [metric],
      statistic: 'Sum',
      periodMs: MINUTE,
      evaluationPeriods: 1,
      operator: 'GreaterThanThreshold',
      threshold: 1,
      missingData: 'notBreaching',
    });
  });

  test('on a sum', () => {
    const { Namespace, MetricName, Dimensions, Period, Statistic, ...condition } = single;
    const counted = { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic };
    const { metrics, periodMs } = define({
      ...condition,
      Metrics: [
        { Id: 'total', Expression: 'SUM(METRICS())' },
        { Id: 'a', ReturnData: false, MetricStat: counted },
        { Id: 'b', ReturnData: false, MetricStat: counted },
      ],
    });
    expect([metrics, periodMs]).toEqual([[metric, metric], MINUTE]);
  });

  test('of a form that is not known here is refused', () => {
    expect(() => define({ ...single, ComparisonOperator: 'GreaterThanUpperThreshold' })).toThrow();
    expect(() => define({ ...single, Statistic: 'p99' })).toThrow();
  });
});

describe('its state', () => {
  test('is ALARM from the value that is too high, and ends with its period', () => {
    expect(stateAfter(1)).toBe('OK');
    samples.add(metric, 1, startedAt + 1.5 * MINUTE);
    expect(stateAfter(2)).toBe('OK');
    samples.add(metric, 1, startedAt + 1.9 * MINUTE);
    expect(stateAfter(2)).toBe('ALARM');
    expect(stateAfter(2.6)).toBe('OK');
  });

  test('with a maximum, values of one period are not added up', () => {
    for (const value of [1, 1, 1]) samples.add(metric, value, startedAt);
    expect(stateAfter(1, { Statistic: 'Maximum' })).toBe('OK');
    samples.add(metric, 2, startedAt);
    expect(stateAfter(1, { Statistic: 'Maximum' })).toBe('ALARM');
  });

  test('is ALARM only when each of its periods is', () => {
    for (const minute of [0, 1, 3]) samples.add(metric, 5, startedAt + (minute + 0.5) * MINUTE);
    expect(stateAfter(2, { EvaluationPeriods: 2 })).toBe('ALARM');
    expect(stateAfter(4, { EvaluationPeriods: 2 })).toBe('OK');
  });

  test('where silence is the alarm: no data at first, then as long as nothing comes', () => {
    const silent = {
      EvaluationPeriods: 2,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    };
    expect(stateAfter(1, silent)).toBe('INSUFFICIENT_DATA');
    expect(stateAfter(2, silent)).toBe('ALARM');
    samples.add(metric, 1, startedAt + 2.5 * MINUTE);
    expect(stateAfter(3, silent)).toBe('OK');
    expect(stateAfter(5, silent)).toBe('ALARM');
  });

  test('a speed makes the periods shorter', () => {
    samples.add(metric, 2, startedAt);
    expect(stateAfter(1, {}, 60)).toBe('ALARM');
    expect(stateAfter(1.5, {}, 60)).toBe('OK');
  });
});

test('what was forgotten is not counted', () => {
  samples.add(metric, 2, startedAt);
  samples.forgetBefore(startedAt + 1);
  expect(samples.between(metric, 0, startedAt + MINUTE)).toEqual([]);
});
