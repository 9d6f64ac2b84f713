import type { Table } from '../harness/table.ts';
import { figure } from '../harness/table.ts';
import { lambdaUsd, logsUsd } from './bill.ts';
import type { Basis } from './price-list.ts';

const MINUTES = 43_800;
const MILLION = 1_000_000;
/** Of serverless.yml: ticks at seconds 0 to 50; with `return` one tick. */
const TICKS = { tick: 11, return: 1 };
const LASTS_MS = { tick: 50_020, return: 20 };
const SHARDS = 4;
/** A heartbeat of the poller each minute, as an embedded metric; it is the one metric that is always written. */
const HEARTBEAT = { lines: 1, bytes: 420 };
const METRICS = 1;

/** What is paid in a month in which nothing is asked for; the alarms are counted in the template. */
export function idleMonth(basis: Basis, alarms: number): Table {
  const { prices, assumptions } = basis;
  const polls = ((MINUTES * 60) / assumptions.longPollSeconds) * assumptions.pollersOfAnIdleQueue;
  const column = (kind: 'tick' | 'return') => ({
    'Lambda, poller': lambdaUsd(basis, MINUTES, MINUTES * LASTS_MS[kind]),
    // An empty Query of an index costs half a unit.
    'DynamoDB reads':
      ((MINUTES * TICKS[kind] * SHARDS * 0.5) / MILLION) * prices.dynamodb.perMillionReadUnits,
    'SQS, long polls of two queues': ((2 * polls) / MILLION) * prices.sqs.perMillionStandardRequests,
    'CloudWatch Logs': logsUsd(basis, MINUTES, {
      lines: MINUTES * HEARTBEAT.lines,
      bytes: MINUTES * HEARTBEAT.bytes,
    }),
    'CloudWatch metrics and alarms':
      METRICS * prices.cloudWatch.perMetricMonth + alarms * prices.cloudWatch.perAlarmMonth,
  });
  const [ticking, returning] = [column('tick'), column('return')];
  const names = [
    'Lambda, poller',
    'DynamoDB reads',
    'SQS, long polls of two queues',
    'CloudWatch Logs',
    'CloudWatch metrics and alarms',
  ] as const;
  const total = (bill: typeof ticking) => Object.values(bill).reduce((sum, usd) => sum + usd, 0);
  return {
    title: 'A month in which nothing is asked for, US dollars',
    columns: ['what', 'POLL_WHEN_IDLE=tick', 'POLL_WHEN_IDLE=return'],
    rows: [
      ...names.map((name) => [name, figure(ticking[name]), figure(returning[name])]),
      ['in all', figure(total(ticking)), figure(total(returning))],
    ],
  };
}
