import * as v from 'valibot';

/** Jobs as they were sent, account after account; and as SQS may deliver them, in any order. */
export const ORDERS = ['first-in', 'any'] as const;

export const ScaleConfig = v.object({
  accounts: v.number(),
  flowLogs: v.number(),
  workers: v.number(),
  ratePerSecond: v.number(),
  order: v.picklist(ORDERS),
});

export const ScaleRun = v.object({
  /** From the first request to the last event. */
  virtualMs: v.number(),
  volcengineCalls: v.number(),
  medianWaitTicks: v.number(),
  /** From the start of a tick to that of the next of the same invocation, where it is longer than the pause. */
  longestTickMs: v.number(),
  mostPending: v.number(),
});
export type ScaleRun = v.InferOutput<typeof ScaleRun>;
