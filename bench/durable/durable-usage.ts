import * as v from 'valibot';
import { UsageConfig } from '../money/usage.ts';

export const VARIANTS = ['each', 'request'] as const;
export type Variant = (typeof VARIANTS)[number];

export const DurableConfig = v.object({ ...UsageConfig.entries, variant: v.picklist(VARIANTS) });

/** What so many activations used, as it was counted. */
export const DurableUsage = v.object({
  activations: v.number(),
  executions: v.number(),
  operations: v.number(),
  invocations: v.number(),
  /** Waits and I/O by virtual time, no CPU. */
  billedMs: v.number(),
  /** Of checkpoints. */
  bytes: v.number(),
  volcengineCalls: v.number(),
  /** From the first start to the last event. */
  virtualMs: v.number(),
  /** Of each, from Active at Volcengine to its event. */
  waitsMs: v.array(v.number()),
});
export type DurableUsage = v.InferOutput<typeof DurableUsage>;

export const CONTENDERS = [
  { name: 'ours', what: 'ours' },
  { name: 'each', what: 'an execution for each flow log' },
  { name: 'request', what: 'one execution for the request' },
] as const;
export type Contender = (typeof CONTENDERS)[number]['name'];

export const FIGURES = [
  { name: 'calls', unit: 'calls', what: 'Volcengine calls each' },
  { name: 'usd', unit: 'USD', what: 'USD a million' },
  { name: 'median', unit: 's', what: 'Active to event, median, s' },
  { name: 'p99', unit: 's', what: 'p99, s' },
  { name: 'last', unit: 's', what: 'until the last event, s' },
] as const;
export type FigureName = (typeof FIGURES)[number]['name'];
