import type { Activation } from '../../http/api.ts';

export type RecentBatch = {
  batchId: string;
  createdAt: string;
  source: string;
  requestedBy?: string;
  shown: number;
};

/** The batches that opened these activations, in their order. `shown`: how many of the activations are theirs. */
export function recentBatches(newestFirst: Activation[]): RecentBatch[] {
  const batches = new Map<string, RecentBatch>();
  for (const { batchIds, createdAt, source, requestedBy } of newestFirst) {
    const [batchId] = batchIds;
    if (batchId === undefined) continue;
    const known = batches.get(batchId);
    if (known) known.shown += 1;
    else batches.set(batchId, { batchId, createdAt, source, ...(requestedBy && { requestedBy }), shown: 1 });
  }
  return [...batches.values()];
}
