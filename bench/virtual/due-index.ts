import type { Item } from '../../test/simulation/dynamodb-expressions.ts';

const SLICE_MS = 1_000;

type Position = { at: number; key: string };

/** The sparse index of what is due, by shard and time; finding what is due costs by how much that is. */
export class DueIndex {
  /** By shard and by second. */
  readonly #shards = new Map<string, Map<number, Map<string, number>>>();

  replace(key: string, before: Item | undefined, after: Item): void {
    if (before?.dueAt?.N === after.dueAt?.N) return;
    if (before) this.#remove(key, before);
    const [shard, at] = [after.dueShard?.S, after.dueAt?.N];
    if (shard === undefined || at === undefined) return;
    const slices = this.#shards.get(shard) ?? new Map<number, Map<string, number>>();
    this.#shards.set(shard, slices);
    const slice = sliceOf(Number(at));
    slices.set(slice, (slices.get(slice) ?? new Map<string, number>()).set(key, Number(at)));
  }

  /** In order of time, then key, those after `start`. */
  find(shard: string, until: number, limit: number, start: Position): string[] {
    const slices = this.#shards.get(shard) ?? new Map<number, Map<string, number>>();
    const wanted = [...slices.keys()]
      .filter((slice) => slice >= sliceOf(start.at) && slice <= sliceOf(until))
      .sort((a, b) => a - b);
    const found: string[] = [];
    for (const slice of wanted) {
      const due = [...(slices.get(slice) ?? [])].filter(
        ([key, at]) => at <= until && (at > start.at || (at === start.at && key > start.key)),
      );
      due.sort(([keyA, atA], [keyB, atB]) => atA - atB || (keyA < keyB ? -1 : 1));
      found.push(...due.map(([key]) => key));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  #remove(key: string, item: Item): void {
    const slices = this.#shards.get(item.dueShard?.S ?? '');
    const slice = sliceOf(Number(item.dueAt?.N));
    const keys = slices?.get(slice);
    keys?.delete(key);
    if (keys?.size === 0) slices?.delete(slice);
  }
}

function sliceOf(at: number): number {
  return Math.floor(at / SLICE_MS);
}
