import * as v from 'valibot';
import type { FlowLogRef } from '../activation/model/activation.ts';
import type { Batch } from '../activation/model/batch.ts';
import { count, flowLogFields, ms, ordinal, tracingFields } from './activation-item.ts';
import { directed, directedFields, fromDirected } from './directed-item.ts';
import { batchKey, dueAttributes, expiry } from './item-key.ts';
import type { Item } from './item-update.ts';

export const BATCH_LIFE_MS = 90 * 86_400_000;

/** Consecutive flow logs of one account and region. They share its name, because a write costs per kilobyte. */
type Run = Omit<FlowLogRef, 'flowLogId'> & { flowLogIds: string[] };

function toRuns(flowLogs: FlowLogRef[]): Run[] {
  const runs: Run[] = [];
  for (const { account, region, flowLogId } of flowLogs) {
    const last = runs.at(-1);
    if (last?.account === account && last.region === region) last.flowLogIds.push(flowLogId);
    else runs.push({ account, region, flowLogIds: [flowLogId] });
  }
  return runs;
}

export function toBatchItem(batch: Batch): Item {
  const { dueAt, flowLogs, ...stored } = batch;
  const key = batchKey(batch.batchId);
  return {
    ...key,
    ...directed(stored),
    flowLogs: toRuns(flowLogs),
    ...dueAttributes(key.pk, dueAt),
    // An item with work left does not expire.
    ...(dueAt === undefined && { expiresAt: expiry(batch.createdAt + BATCH_LIFE_MS) }),
  };
}

const { flowLogId, ...scopeFields } = flowLogFields;
const run = v.pipe(
  v.object({ ...scopeFields, flowLogIds: v.pipe(v.array(flowLogId), v.nonEmpty()) }),
  v.transform(({ flowLogIds, ...scope }) => flowLogIds.map((id) => ({ ...scope, flowLogId: id }))),
);
/** The form that versions up to 0.2 wrote. */
const single = v.object(flowLogFields);

const batchSchema = v.object({
  batchId: v.string(),
  bodyHash: v.string(),
  flowLogs: v.pipe(
    v.array(v.union([run, single])),
    v.nonEmpty(),
    v.transform((runs) => runs.flat()),
  ),
  metadata: v.record(v.string(), v.string()),
  ...directedFields,
  requestedBy: v.optional(v.string()),
  ...tracingFields,
  createdAt: ms,
  version: ordinal,
  dueAt: v.optional(ms),
  refusals: v.optional(count),
  completed: v.optional(
    v.object({
      at: ms,
      counts: v.object({ completed: count, failed: count }),
      adopted: count,
      reasons: v.record(v.string(), count),
    }),
  ),
});

/** Throws for an item that no release writes in this form. Ignores attributes of a newer version. */
export function fromBatchItem(item: unknown): Batch {
  return fromDirected(v.parse(batchSchema, item));
}
