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
  /** From the first request to the last ActiveFlowLog, and to the last event. */
  untilLastActivation: v.number(),
  untilLastEvent: v.number(),
  /** Of the calls that the accounts might make until the last ActiveFlowLog. */
  share: v.number(),
  calls: v.number(),
  sqsRequests: v.number(),
  medianWait: v.number(),
  /** Of the poller's invocations. */
  longestTickMs: v.number(),
  mostPending: v.number(),
});
export type ScaleRun = v.InferOutput<typeof ScaleRun>;
