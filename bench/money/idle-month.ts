import { settleConditions } from '../../local/template/conditions.ts';
import { resourcesOfType } from '../../local/template/template.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { figure, type Table } from '../harness/table.ts';
import { lambdaUsd, logsUsd, POLLER, stretchedMs } from './bill.ts';
import type { Basis } from './price-list.ts';
import type { Usage } from './usage.ts';

const DRIFT = 'check-drift';
const POLICIES = 'run-policies';
const HOURS = 730;
const MILLION = 1_000_000;
/** The drift check, each hour: a few reads that find nothing. */
const DRIFT_CHECK_MS = 50;
/** Each five minutes: there is no policy. */
const POLICY_RUNS = 12;
const POLICY_RUN_MS = 50;
/** Of Volcengine's keys. */
const SECRETS = 1;
/** Of the alarm topic. */
const KEYS = 1;

type Line = { what: string; usd: number; usdBeyondFree: number; whose: 'ours' | 'choice' };
export type IdleMonth = { lines: Line[]; ours: number; choice: number; all: number; beyondFree: number };

const beyond = (quantity: number, free: number) => Math.max(0, quantity - free);

/** What is paid in a month in which nothing is asked for, after an hour of it that was counted. */
export function idleMonth(basis: Basis, hour: Usage, { queues, alarmMetrics }: IdleResources): IdleMonth {
  const { prices, assumptions } = basis;
  const { alwaysFree } = prices;
  const ticks = hour.invocations[POLLER] ?? { count: 0, virtualMs: 0 };
  const tickMs = ticks.virtualMs + ticks.count * (1 + stretchedMs(basis, basis.tickCpuMs, POLLER));
  const lambda = (name: string, count: number, ms: number) =>
    lambdaUsd(basis, name, count * HOURS, ms * HOURS);
  const polls = ((HOURS * 3_600) / assumptions.longPollSeconds) * assumptions.pollersOfAnIdleQueue;
  const sqsUsd = (requests: number) => (requests / MILLION) * prices.sqs.perMillionStandardRequests;
  const sqs = queues * polls + hour.sqsRequests * HOURS;
  const writeUnits = Object.values(hour.capacity.writeUnits).reduce((total, units) => total + units, 0);
  const alarmsUsd = (count: number) => count * prices.cloudWatch.perAlarmMonth;
  const free = (what: string, usd: number): Line => ({ what, usd, usdBeyondFree: 0, whose: 'ours' });
  const paid = (what: string, usd: number, whose: Line['whose']): Line => ({
    what,
    usd,
    usdBeyondFree: usd,
    whose,
  });
  const lines: Line[] = [
    free('Lambda, poller, each minute', lambda(POLLER, ticks.count, tickMs)),
    free(
      'Lambda, drift check, each hour',
      lambda(DRIFT, 1, DRIFT_CHECK_MS + stretchedMs(basis, basis.tickCpuMs, DRIFT)),
    ),
    free(
      'Lambda, policies, each five minutes',
      lambda(
        POLICIES,
        POLICY_RUNS,
        POLICY_RUNS * (POLICY_RUN_MS + stretchedMs(basis, basis.tickCpuMs, POLICIES)),
      ),
    ),
    paid(
      'DynamoDB reads',
      ((hour.capacity.readUnits * HOURS) / MILLION) * prices.dynamodb.perMillionReadUnits,
      'ours',
    ),
    paid('DynamoDB writes', ((writeUnits * HOURS) / MILLION) * prices.dynamodb.perMillionWriteUnits, 'ours'),
    {
      what: `SQS, long polls of ${queues} queues`,
      usd: sqsUsd(sqs),
      usdBeyondFree: sqsUsd(beyond(sqs, alwaysFree.sqsRequests)),
      whose: 'ours',
    },
    free(
      'CloudWatch Logs',
      logsUsd(basis, (ticks.count + 1 + POLICY_RUNS) * HOURS, {
        lines: hour.logs.lines * HOURS,
        bytes: hour.logs.bytes * HOURS,
      }),
    ),
    {
      what: `CloudWatch, alarms of ${alarmMetrics} metrics`,
      usd: alarmsUsd(alarmMetrics),
      usdBeyondFree: alarmsUsd(beyond(alarmMetrics, alwaysFree.alarmMetrics)),
      whose: 'choice',
    },
    paid('KMS, key of the alarm topic', KEYS * prices.kms.perKeyMonth, 'choice'),
    paid('Secrets Manager, Volcengine’s keys', SECRETS * prices.secretsManager.perSecretMonth, 'choice'),
  ];
  const sum = (of: (line: Line) => number, whose?: Line['whose']) =>
    lines
      .filter((line) => whose === undefined || line.whose === whose)
      .reduce((total, line) => total + of(line), 0);
  return {
    lines,
    ours: sum(({ usd }) => usd, 'ours'),
    choice: sum(({ usd }) => usd, 'choice'),
    all: sum(({ usd }) => usd),
    beyondFree: sum(({ usdBeyondFree }) => usdBeyondFree),
  };
}

/** Of the template as it comes: the queues that Lambda polls, and the metrics of all alarms. */
export type IdleResources = { queues: number; alarmMetrics: number };

export async function countIdleResources(): Promise<IdleResources> {
  const template = settleConditions(await compileTemplate(), {});
  const mappings = resourcesOfType(template, 'AWS::Lambda::EventSourceMapping');
  const alarms = resourcesOfType(template, 'AWS::CloudWatch::Alarm');
  return {
    queues: mappings.filter(([, { Properties }]) => Properties.Enabled !== false).length,
    alarmMetrics: alarms.reduce((sum, [, { Properties }]) => sum + metricsOf(Properties.Metrics), 0),
  };
}

/** CloudWatch bills an alarm for each metric in it. */
function metricsOf(metrics: unknown): number {
  if (!Array.isArray(metrics)) return 1;
  return metrics.filter((metric) => 'MetricStat' in Object(metric)).length;
}

export function idleMonthTable({ lines, ours, choice, all, beyondFree }: IdleMonth): Table {
  const names = { ours: 'the service', choice: 'the deployer’s choice' };
  return {
    title: 'A month in which nothing is asked for, US dollars',
    columns: ['what', 'whose', 'list price', 'beyond what is always free'],
    rows: [
      ...lines.map(({ what, whose, usd, usdBeyondFree }) => [
        what,
        names[whose],
        figure(usd),
        figure(usdBeyondFree),
      ]),
      ['the service', '', figure(ours), ''],
      ['the deployer’s choice', '', figure(choice), ''],
      ['in all', '', figure(all), figure(beyondFree)],
    ],
  };
}
