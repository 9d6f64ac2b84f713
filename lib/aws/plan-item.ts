import * as v from 'valibot';
import { eachCategory, PLAN_CATEGORIES, PLAN_LIFE_MS, type Plan } from '../activation/batches/plan.ts';
import { selectorSchema } from '../activation/batches/selector.ts';
import { inChunks } from '../runtime/concurrency.ts';
import { count, tracingFields } from './activation-item.ts';
import { expiry, type ItemKey } from './item-key.ts';

/*
 * The records of a plan:
 *   header   pk P#planId   sk 0               written last; names the nonce and the number of its chunks
 *   chunk    pk P#planId   sk C#nonce#number  up to 1,000 ids of one category
 * The chunks of a second writer, or of a writer that died, have another nonce, and nobody reads them. All records
 * expire when the plan's life is over.
 */

/** An id has at most 64 characters, so a chunk is below 70 kB. */
const IDS_PER_CHUNK = 1_000;

export const planKey = (planId: string): ItemKey => ({ pk: `P#${planId}`, sk: '0' });
const chunkKey = (planId: string, nonce: string, index: number): ItemKey => ({
  pk: `P#${planId}`,
  sk: `C#${nonce}#${String(index).padStart(4, '0')}`,
});

/** The chunks, which are written first, and the header, which is written last. */
export function toPlanItems(plan: Plan, nonce: string) {
  const expiresAt = expiry(plan.createdAt + PLAN_LIFE_MS);
  const chunks = PLAN_CATEGORIES.flatMap((category) =>
    inChunks(plan.flowLogs[category], IDS_PER_CHUNK).map((flowLogIds) => ({ category, flowLogIds })),
  ).map((chunk, index) => ({ ...chunkKey(plan.planId, nonce, index), ...chunk, expiresAt }));
  const { flowLogs: _, ...stored } = plan;
  return {
    chunks,
    header: { ...planKey(plan.planId), ...stored, nonce, chunks: chunks.length, expiresAt },
  };
}

const texts = v.record(v.string(), v.string());

const headerSchema = v.object({
  planId: v.string(),
  requestHash: v.string(),
  requestedBy: v.optional(v.string()),
  selector: selectorSchema,
  metadata: texts,
  createdAt: count,
  execution: v.optional(
    v.object({
      at: count,
      source: v.string(),
      requestedBy: v.optional(v.string()),
      ...tracingFields,
      metadata: texts,
    }),
  ),
  nonce: v.string(),
  chunks: v.pipe(count, v.maxValue(10_000)),
});

const chunkSchema = v.object({
  sk: v.string(),
  category: v.picklist(PLAN_CATEGORIES),
  flowLogIds: v.array(v.string()),
});

export type PlanHeader = v.InferOutput<typeof headerSchema>;

/** Throws for an item that no release writes in this form. */
export function fromPlanHeader(item: unknown): PlanHeader {
  return v.parse(headerSchema, item);
}

export function chunkKeysOf({ planId, nonce, chunks }: PlanHeader): ItemKey[] {
  return Array.from({ length: chunks }, (_, index) => chunkKey(planId, nonce, index));
}

/** Builds the plan from its header and all its chunks, in any order. Throws if a chunk is missing. */
export function toPlan({ nonce, chunks, ...stored }: PlanHeader, items: unknown[]): Plan {
  if (items.length !== chunks) throw new Error(`plan ${stored.planId} lacks ${chunks - items.length} chunks`);
  const read = items.map((item) => v.parse(chunkSchema, item)).sort((a, b) => (a.sk < b.sk ? -1 : 1));
  const flowLogs = eachCategory((category) =>
    read.filter((chunk) => chunk.category === category).flatMap(({ flowLogIds }) => flowLogIds),
  );
  return { ...stored, flowLogs };
}
