import { deployedFunction } from '../../test/support/virtual/deployed.ts';
import type { Basis } from './price-list.ts';
import type { Usage } from './usage.ts';

/** US dollars for a million activations, by what they are paid for. */
export type Bill = Record<string, number>;

export const LINES = {
  lambdaDoor: 'Lambda, requests taken',
  lambdaWorker: 'Lambda, calls of ActiveFlowLog',
  lambdaPoller: 'Lambda, poller',
  lambdaTasks: 'Lambda, tasks',
  lambdaWaiting: 'Lambda, waiting',
  states: 'Step Functions, transitions or requests',
  statesTime: 'Step Functions, GB-seconds',
  writesTable: 'DynamoDB writes, table',
  writesDue: 'DynamoDB writes, index due',
  writesList: 'DynamoDB writes, index list',
  writesAttention: 'DynamoDB writes, index attention',
  writesFlowLog: 'DynamoDB writes, index flow-log',
  reads: 'DynamoDB reads',
  sqs: 'SQS, jobs and ticks',
  events: 'EventBridge, events and their archive',
  httpApi: 'HTTP API',
  logs: 'CloudWatch Logs',
} as const;

const MILLION = 1_000_000;
/** Those that are polled while activations are open: of jobs and of ticks. */
const QUEUES = 2;
const GB = 2 ** 30;

export const totalOf = (bill: Bill) => Object.values(bill).reduce((sum, usd) => sum + usd, 0);

/** By their keys in serverless.yml. What is compared with the worker has its memory. */
export const WORKER = 'activate-flow-log';
export const POLLER = 'poll-activations';
const DOOR = 'request-activations';

export const memoryMbOf = (name: string) => deployedFunction(name).memoryMb;

/** How long processor time takes with the part of a processor that the function's memory brings. */
export function stretchedMs({ assumptions }: Basis, cpuMs: number, name: string): number {
  return (cpuMs * assumptions.memoryMbOfOneProcessor) / memoryMbOf(name);
}

export function lambdaUsd({ prices }: Basis, name: string, invocations: number, billedMs: number): number {
  const gbSeconds = (billedMs / 1_000) * (memoryMbOf(name) / 1_024);
  return (
    gbSeconds * prices.lambda.perGbSecondArm64 + (invocations / MILLION) * prices.lambda.perMillionRequests
  );
}

/** Lambda's own START, END and REPORT, and what else was written. */
export function logsUsd(
  { prices, assumptions }: Basis,
  invocations: number,
  written = { lines: 0, bytes: 0 },
): number {
  const lines = written.lines + invocations * assumptions.platformLogLinesPerInvocation;
  const bytes = written.bytes + invocations * assumptions.platformLogBytesPerInvocation;
  return ((bytes + lines * assumptions.bytesBilledPerLogLine) / GB) * prices.cloudWatch.perGbOfLogs;
}

/** Of the counted run, as if a million were done as those were. */
export function ourBill(basis: Basis, usage: Usage): Bill {
  const { prices, assumptions } = basis;
  const { activations, invocations, capacity, events } = usage;
  const each = MILLION / activations;
  const of = (name: string) => invocations[name] ?? { count: 0, virtualMs: 0 };
  /** A begun millisecond counts whole. */
  const lambda = (name: string, recordsCpu: number) =>
    lambdaUsd(basis, name, of(name).count, of(name).virtualMs + of(name).count + recordsCpu) * each;
  const writeUnits = (part: string) =>
    (((capacity.writeUnits[part] ?? 0) * each) / MILLION) * prices.dynamodb.perMillionWriteUnits;

  const idlePolls =
    QUEUES * (usage.virtualMs / 1_000 / assumptions.longPollSeconds) * assumptions.pollersOfAnIdleQueue;
  const sqs = (requests: number) => ((requests * each) / MILLION) * prices.sqs.perMillionStandardRequests;
  const allInvocations = Object.values(invocations).reduce((sum, { count }) => sum + count, 0);
  const door = of(DOOR);
  return {
    [LINES.lambdaDoor]: lambda(DOOR, activations * stretchedMs(basis, basis.cpuMs, DOOR)),
    [LINES.lambdaWorker]: lambda(WORKER, activations * stretchedMs(basis, basis.cpuMs, WORKER)),
    [LINES.lambdaPoller]: lambda(
      POLLER,
      activations * stretchedMs(basis, basis.pollerCpuMs, POLLER) +
        of(POLLER).count * stretchedMs(basis, basis.tickCpuMs, POLLER),
    ),
    [LINES.writesTable]: writeUnits('table'),
    [LINES.writesDue]: writeUnits('due'),
    [LINES.writesList]: writeUnits('list'),
    [LINES.writesAttention]: writeUnits('attention'),
    [LINES.writesFlowLog]: writeUnits('flow-log'),
    [LINES.reads]: ((capacity.readUnits * each) / MILLION) * prices.dynamodb.perMillionReadUnits,
    [LINES.sqs]: sqs(usage.sqsRequests + idlePolls),
    [LINES.events]:
      ((events.billed * each) / MILLION) * prices.eventbridge.perMillionCustomEvents +
      ((events.bytes * each) / GB) * prices.eventbridge.perGbArchived,
    [LINES.httpApi]: ((door.count * each) / MILLION) * prices.httpApi.perMillionRequests,
    [LINES.logs]: logsUsd(basis, allInvocations, usage.logs) * each,
  };
}
