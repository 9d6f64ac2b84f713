import * as v from 'valibot';

/** What a run of so many activations used, as it was counted. */
export const Usage = v.object({
  activations: v.number(),
  /** From the first request to the last event. */
  virtualMs: v.number(),
  /** Waits and I/O by the virtual clock, no CPU. */
  invocations: v.record(v.string(), v.object({ count: v.number(), virtualMs: v.number() })),
  capacity: v.object({
    writeUnits: v.record(v.string(), v.number()),
    unitsForReaders: v.number(),
    readUnits: v.number(),
    writes: v.record(v.string(), v.object({ count: v.number(), bytes: v.number(), units: v.number() })),
  }),
  sqsRequests: v.number(),
  events: v.object({ count: v.number(), bytes: v.number(), billed: v.number() }),
  logs: v.object({ lines: v.number(), bytes: v.number() }),
  volcengineCalls: v.number(),
  /** Of each, from Active at Volcengine to its event. */
  waitsMs: v.array(v.number()),
});
export type Usage = v.InferOutput<typeof Usage>;

export const UsageConfig = v.object({
  flowLogs: v.number(),
  leastPendingMs: v.number(),
  mostPendingMs: v.number(),
  ratePerSecond: v.number(),
  seed: v.number(),
});
export type UsageConfig = v.InferOutput<typeof UsageConfig>;
