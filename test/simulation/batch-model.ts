import * as v from 'valibot';
import type { BatchCompletion } from '../../lib/activation/model/batch.ts';
import type { Violate } from './rules.ts';

export type End = { status: 'completed' | 'failed'; reason?: string; adopted?: boolean };

type Known = {
  flowLogIds: string[];
  desired: 'Inactive' | undefined;
  /** How it stood at each moment at which everything had become final. */
  endings: Set<string>;
  /** What was put on record of its end. */
  recorded?: string;
  events: Map<string, string>;
};

const eventSchema = v.object({
  id: v.string(),
  data: v.object({
    batchId: v.string(),
    total: v.number(),
    counts: v.object({ completed: v.number(), failed: v.number() }),
    adopted: v.number(),
    reasons: v.optional(v.record(v.string(), v.number()), {}),
  }),
});

/** Every batch is told of by one event, which says how it stood at a moment at which all of it was final. */
export class BatchModel {
  readonly #batches = new Map<string, Known>();
  readonly #violate: Violate;
  readonly #common: (body: string) => string;

  /** `common`: see ReferenceModel. */
  constructor(violate: Violate, common: (body: string) => string) {
    this.#violate = violate;
    this.#common = common;
  }

  asked(batchId: string, flowLogIds: string[], desired?: 'Inactive'): void {
    if (this.#batches.has(batchId)) return;
    this.#batches.set(batchId, { flowLogIds, desired, endings: new Set(), events: new Map() });
  }

  flowLogIdsOf(batchId: string): string[] | undefined {
    return this.#batches.get(batchId)?.flowLogIds;
  }

  allFinal(batchId: string, ends: End[]): void {
    const reasons: Record<string, number> = {};
    for (const { reason } of ends) if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1;
    const completed = ends.filter(({ status }) => status === 'completed');
    const counts = { completed: completed.length, failed: ends.length - completed.length };
    const adopted = completed.filter((end) => end.adopted === true).length;
    this.#batches.get(batchId)?.endings.add(wordsOf({ counts, adopted, reasons }));
  }

  recorded(batchId: string, completion: BatchCompletion): void {
    const batch = this.#batches.get(batchId);
    const words = wordsOf(completion);
    if (!batch?.endings.has(words)) {
      this.#violate('a batch ends when all of it is final', `${batchId} never stood at ${words}`);
    }
    if (batch) batch.recorded = words;
  }

  published(detail: string, desired?: 'Inactive'): void {
    const { id, data } = v.parse(v.pipe(v.string(), v.parseJson(), eventSchema), detail);
    const batch = this.#batches.get(data.batchId);
    if (batch?.recorded === undefined) {
      this.#violate('nothing is told before it is true', `${id} before its end was on record`);
      return;
    }
    if (batch.desired !== desired) {
      this.#violate('nothing is told before it is true', `${id} as of the other direction`);
    }
    if (this.#common(batch.events.get(id) ?? detail) !== this.#common(detail)) {
      this.#violate('the same bytes for the same id', `${batch.events.get(id)} then ${detail}`);
    }
    batch.events.set(id, detail);
    if (id !== `${data.batchId}.completed` || batch.events.size > 1) {
      this.#violate('one completed event for a batch', [...batch.events.keys()].join());
    }
    if (wordsOf(data) !== batch.recorded || data.total !== batch.flowLogIds.length) {
      this.#violate('nothing is told before it is true', `${detail}, but on record is ${batch.recorded}`);
    }
  }

  isTold(batchId: string): boolean {
    return (this.#batches.get(batchId)?.events.size ?? 0) > 0;
  }

  /** Once everything has come to rest. */
  atRest(): void {
    for (const [batchId, { events }] of this.#batches) {
      if (events.size !== 1) {
        this.#violate('one completed event for a batch', `${batchId}: ${events.size}`);
      }
    }
  }
}

function wordsOf({ counts, adopted, reasons }: Omit<BatchCompletion, 'at'>): string {
  const sorted = Object.entries(reasons).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([counts.completed, counts.failed, adopted, ...sorted]);
}
