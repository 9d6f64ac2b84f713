import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compare, type Item } from './dynamodb-expressions.ts';

export type Key = Record<string, AttributeValue>;
/** The attributes that are its keys. */
export type IndexKeys = { partition: string; range: string };

const NOTHING: readonly Item[] = [];
const ABSENT = { S: '' };

export function keyOf(item: Key | undefined): string {
  return `${item?.pk?.S ?? ''} ${item?.sk?.S ?? ''}`;
}

/** An index of keys alone. Each partition is in order of the range key, then of the table's key. */
export class TableIndex {
  readonly #keys: IndexKeys;
  readonly #partitions = new Map<string, Item[]>();

  constructor(keys: IndexKeys) {
    this.#keys = keys;
  }

  entries(partition: string): readonly Item[] {
    return this.#partitions.get(partition) ?? NOTHING;
  }

  /** What stands in it of an item; undefined for an item without its keys. */
  entryOf(item: Item | undefined): Item | undefined {
    const { partition, range } = this.#keys;
    const { pk = ABSENT, sk = ABSENT, [partition]: own, [range]: position } = item ?? {};
    if (own === undefined || position === undefined) return undefined;
    return { pk, sk, [partition]: own, [range]: position };
  }

  partitionOf(entry: Item): string {
    return entry[this.#keys.partition]?.S ?? '';
  }

  replace(before: Item | undefined, after: Item | undefined): void {
    const [old, entry] = [this.entryOf(before), this.entryOf(after)];
    if (old && entry && this.isSame(old, entry)) return;
    if (old) this.#partition(old).splice(this.#indexOf(old), 1);
    if (entry) this.#partition(entry).splice(this.#indexOf(entry), 0, entry);
  }

  isSame(a: Item, b: Item): boolean {
    return this.partitionOf(a) === this.partitionOf(b) && this.order(a, b) === 0;
  }

  order = (a: Item, b: Item): number => {
    const { range } = this.#keys;
    const [keyA, keyB] = [keyOf(a), keyOf(b)];
    return compare(a[range] ?? ABSENT, b[range] ?? ABSENT) || (keyA === keyB ? 0 : keyA < keyB ? -1 : 1);
  };

  /** Of the first entry of a list in this order, or the reverse, that is not before the given one. */
  firstFrom(entries: readonly Item[], entry: Item, direction: 1 | -1): number {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = entries[middle];
      if (other && direction * this.order(other, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #indexOf(entry: Item): number {
    return this.firstFrom(this.#partition(entry), entry, 1);
  }

  #partition(entry: Item): Item[] {
    const partition = this.partitionOf(entry);
    const entries = this.#partitions.get(partition) ?? [];
    this.#partitions.set(partition, entries);
    return entries;
  }
}
