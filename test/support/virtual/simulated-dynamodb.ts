import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ThrottlingException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Caller } from './container.ts';
import { TABLE_INDEXES } from './deployed.ts';
import { conditionOf, type Item, updated } from './dynamodb-expressions.ts';
import type { Faults } from './faults.ts';
import { type Key, keyOf, TableIndex } from './table-index.ts';
import type { VirtualTime } from './virtual-time.ts';

type Version = { at: number; item: Item };
type TableFault = `dynamodb: ${'index behind' | 'index throttled' | 'keys unprocessed'}`;

/** Hears of everything that is done, before the next can be. */
export type TableObserver = {
  /** `before` is what lay there. */
  wrote?(before: Item | undefined, after: Item, command: unknown, writer: Caller): void;
  /** A write whose condition did not hold. */
  refused?(existing: Item | undefined): void;
  /** By GetItem or BatchGetItem; a key without an item is undefined. */
  got?(items: (Item | undefined)[], isConsistent: boolean): void;
  /** A page of an index. */
  queried?(entries: Item[]): void;
};

export const INDEX_LAG_MS = 3_000;
const THROTTLED_FOR_MS = 60_000;
const EXPIRES_NOW = 0.2;
const VERSIONS_KEPT = 6;

/** One table at the level of the SDK's commands: what the real adapter sends is what is carried out. */
export class SimulatedDynamoDb {
  readonly items = new Map<string, Item>();
  observer: TableObserver = {};
  /** What has expired is deleted: by DynamoDB within days. */
  isExpiring = false;
  /** DynamoDB may end a page anywhere; without this only at its limit. */
  pageSize: () => number = () => Number.POSITIVE_INFINITY;
  readonly #indexes = new Map(
    Object.entries(TABLE_INDEXES).map(([name, keys]) => [name, new TableIndex(keys)]),
  );
  /** Of what may still be seen as it was. */
  readonly #history = new Map<string, Version[]>();
  readonly #throttledUntil = new Map<string, number>();
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults<TableFault>;
  /** Whether a reader may be given a part of what it asks for. */
  givesParts: (reader: Caller) => boolean = () => true;
  /** Names, of those that are asked for at once, the one that comes in a later part, and late. */
  leavesFor: (keys: string[], reader: Caller) => string | undefined = () => undefined;
  /** Questions for the rest, by their keys. */
  readonly #heldUp = new Set<string>();

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults<TableFault>) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
  }

  execute(command: unknown, caller: Caller): unknown {
    if (command instanceof GetItemCommand) {
      const { Key, ConsistentRead = false } = command.input;
      const found = this.#read(keyOf(Key), ConsistentRead);
      this.observer.got?.([found], ConsistentRead);
      return { Item: found };
    }
    if (command instanceof PutItemCommand) {
      const { Item } = command.input;
      return this.#write(Item, command, caller, () => Item ?? {});
    }
    if (command instanceof UpdateItemCommand) {
      const { Key, UpdateExpression = '' } = command.input;
      return this.#write(Key, command, caller, (item = Key ?? {}) =>
        updated(item, UpdateExpression, command.input),
      );
    }
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command.input, caller);
    if (command instanceof QueryCommand) return this.#query(command.input);
    throw new Error('the table does not know this command');
  }

  /** Deletes all that has expired. */
  expireAll(): void {
    for (const key of this.items.keys()) if (this.#isExpired(key)) this.#delete(key);
  }

  #isExpired(key: string): boolean {
    const { expiresAt } = this.items.get(key) ?? {};
    return expiresAt !== undefined && Number(expiresAt.N) * 1_000 < this.#time.now;
  }

  #delete(key: string): void {
    this.#index(this.items.get(key), undefined);
    this.items.delete(key);
    this.#history.delete(key);
  }

  /** It may go at any moment, also between two requests of one caller. */
  #maybeExpire(key: string): void {
    if (this.isExpiring && this.#random.chance(EXPIRES_NOW) && this.#isExpired(key)) this.#delete(key);
  }

  /** Puts it there unseen by the observer. */
  put(item: Item): void {
    const key = keyOf(item);
    if (this.#faults.isOn) {
      const versions = this.#history.get(key) ?? [];
      this.#history.set(key, [...versions, { at: this.#time.now, item }].slice(-VERSIONS_KEPT));
    }
    this.#index(this.items.get(key), item);
    this.items.set(key, item);
  }

  #index(before: Item | undefined, after: Item | undefined): void {
    for (const index of this.#indexes.values()) index.replace(before, after);
  }

  #write(
    key: Key | undefined,
    command: PutItemCommand | UpdateItemCommand,
    writer: Caller,
    change: (item: Item | undefined) => Item,
  ): unknown {
    this.#maybeExpire(keyOf(key));
    const before = this.items.get(keyOf(key));
    if (!conditionOf(command.input.ConditionExpression, command.input)(before)) {
      this.observer.refused?.(before);
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    const after = change(before);
    this.put(after);
    this.observer.wrote?.(before, after, command, writer);
    return {};
  }

  #read(key: string, isConsistent: boolean): Item | undefined {
    this.#maybeExpire(key);
    const stale = isConsistent ? undefined : this.#staleVersion(key);
    return stale ? stale.item : this.items.get(key);
  }

  /** The question for what an earlier part has left. */
  isHeldUp(command: unknown): boolean {
    return (
      command instanceof BatchGetItemCommand && this.#heldUp.delete(keysOf(command.input).map(keyOf).join())
    );
  }

  /** In no order, and perhaps a part: the rest is named. */
  #batchGet(input: BatchGetItemCommandInput, reader: Caller): unknown {
    const { RequestItems = {} } = input;
    const [table = ''] = Object.keys(RequestItems);
    const { ConsistentRead = false } = RequestItems[table] ?? {};
    const Keys = keysOf(input);
    const isPart =
      Keys.length > 1 && this.givesParts(reader) && this.#faults.strike('dynamodb: keys unprocessed');
    const last = isPart ? this.leavesFor(Keys.map(keyOf), reader) : undefined;
    if (last !== undefined) this.#heldUp.add(last);
    const isRead = (key: Key, index: number) =>
      last === undefined ? index === 0 || this.#random.chance(0.5) : keyOf(key) !== last;
    const read = isPart ? Keys.filter(isRead) : Keys;
    const left = Keys.filter((key) => !read.includes(key));
    const found = read.map((key) => this.#read(keyOf(key), ConsistentRead));
    this.observer.got?.(found, ConsistentRead);
    return {
      Responses: { [table]: this.#random.shuffled(found.filter((item) => item !== undefined)) },
      UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left, ConsistentRead } } : {},
    };
  }

  /** A partition of an index can be throttled for a while, and the table and the other indexes are not. */
  #checkThrottled(partition: string): void {
    if (this.#faults.strike('dynamodb: index throttled')) {
      this.#throttledUntil.set(partition, this.#time.now + this.#random.integer(1_000, THROTTLED_FOR_MS));
    }
    if (!this.#faults.isOn || (this.#throttledUntil.get(partition) ?? 0) <= this.#time.now) return;
    throw new ThrottlingException({ message: 'Throughput exceeds the current capacity.', $metadata: {} });
  }

  #query(input: QueryCommandInput): unknown {
    const { IndexName = '', KeyConditionExpression, ScanIndexForward = true, Limit = 1_000 } = input;
    const partition = partitionOf(input);
    this.#checkThrottled(`${IndexName} ${partition}`);
    const index = this.#indexes.get(IndexName);
    if (index === undefined) throw new Error(`the table has no index ${IndexName}`);
    const direction = ScanIndexForward ? 1 : -1;
    const ascending = this.#seenBy(index, partition);
    const entries = ScanIndexForward ? ascending : ascending.toReversed();
    const start = input.ExclusiveStartKey;
    let position = start ? index.firstFrom(entries, start, direction) : 0;
    const first = entries[position];
    if (start && first && index.order(first, start) === 0) position += 1;
    const isSelected = conditionOf(KeyConditionExpression, input);
    const most = Math.min(Limit, this.pageSize());
    const Items: Item[] = [];
    let isMore = false;
    for (; position < entries.length && !isMore; position += 1) {
      const entry = entries[position];
      // What a condition on keys selects lies side by side.
      if (!entry || (!isSelected(entry) && Items.length > 0)) break;
      if (!isSelected(entry)) continue;
      if (Items.length < most) Items.push(entry);
      else isMore = true;
    }
    this.observer.queried?.(Items);
    return { Items, ...(isMore && { LastEvaluatedKey: Items.at(-1) }) };
  }

  /** An index may show what was. */
  #seenBy(index: TableIndex, partition: string): readonly Item[] {
    const latest = index.entries(partition);
    if (!this.#faults.isOn) return latest;
    const stale = new Map<string, Item | undefined>();
    for (const key of this.items.keys()) {
      const version = this.#staleVersion(key);
      if (version) stale.set(key, index.entryOf(version.item));
    }
    const old = [...stale.values()].filter((entry) => entry && index.partitionOf(entry) === partition);
    const rest = latest.filter((entry) => !stale.has(keyOf(entry)));
    return [...rest, ...old.filter((entry) => entry !== undefined)].sort(index.order);
  }

  /** An index, like a read that is not consistent, may show what was; undefined where it shows what is. */
  #staleVersion(key: string): { item: Item | undefined } | undefined {
    const versions = this.#history.get(key) ?? [];
    const latest = versions.at(-1);
    if (latest === undefined || this.#time.now - latest.at > INDEX_LAG_MS) return undefined;
    if (!this.#faults.strike('dynamodb: index behind')) return undefined;
    const asOf = this.#time.now - this.#random.integer(1, INDEX_LAG_MS);
    return { item: versions.findLast(({ at }) => at <= asOf)?.item };
  }
}

function keysOf({ RequestItems = {} }: BatchGetItemCommandInput): Key[] {
  return Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys);
}

/** The value that every query names first. */
function partitionOf({ ExpressionAttributeValues: values = {} }: QueryCommandInput): string {
  return Object.values(values)[0]?.S ?? '';
}
