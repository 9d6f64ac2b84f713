import { type Bill, LINES, lambdaUsd, logsUsd, stretchedMs, WORKER } from '../money/bill.ts';
import type { Basis } from '../money/price-list.ts';
import type { DurableUsage } from './durable-usage.ts';

export const DURABLE_LINES = {
  operations: 'durable functions, operations',
  data: 'durable functions, data written and kept',
} as const;

/** Of one request that saves a checkpoint, as of the other services of AWS in the virtual world. */
const CHECKPOINT_MS = 5;
const MILLION = 1_000_000;
const GB = 2 ** 30;
const DAYS_A_MONTH = 30;

/** Of the counted run, as if a million were done as those were. */
export function durableBill(basis: Basis, usage: DurableUsage): Bill {
  const { prices, assumptions } = basis;
  const { perMillionOperations, perGbWritten, perGbMonthRetained } = prices.durableFunctions;
  const { activations, operations, invocations, bytes } = usage;
  const each = MILLION / activations;
  const cpuMs = (usage.volcengineCalls + invocations) * stretchedMs(basis, basis.cpuMs, WORKER);
  const billedMs = usage.billedMs + operations * CHECKPOINT_MS + cpuMs;
  const perGb = perGbWritten + (assumptions.durableRetentionDays / DAYS_A_MONTH) * perGbMonthRetained;
  return {
    [LINES.lambdaTasks]: lambdaUsd(basis, WORKER, invocations, billedMs) * each,
    [DURABLE_LINES.operations]: ((operations * each) / MILLION) * perMillionOperations,
    [DURABLE_LINES.data]: ((bytes * each) / GB) * perGb,
    [LINES.events]: prices.eventbridge.perMillionCustomEvents,
    [LINES.logs]: logsUsd(basis, invocations) * each,
  };
}
