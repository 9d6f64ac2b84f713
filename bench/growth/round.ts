import * as v from 'valibot';

/** One round of so many activations, and what it took. */
export const RoundConfig = v.object({
  activations: v.number(),
  table: v.picklist(['memory', 'dynalite']),
  leastPendingMs: v.number(),
  mostPendingMs: v.number(),
  /** So many are activated beforehand, so that what is measured has been compiled, as in a run of any length. */
  warmUp: v.number(),
});
export type RoundConfig = v.InferOutput<typeof RoundConfig>;

const Counts = v.record(v.string(), v.number());

export const Round = v.object({
  dynamodb: Counts,
  itemsRead: v.number(),
  volcengine: Counts,
  sqs: Counts,
  eventbridge: Counts,
  cpuMs: v.number(),
  wallMs: v.number(),
  virtualMs: v.number(),
});
export type Round = v.InferOutput<typeof Round>;

export const sum = (counts: Record<string, number>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);
