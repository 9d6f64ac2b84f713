import {
  type AttributeValue,
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
import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Caller } from './container.ts';
import { compare, holds, type Item, updated } from './dynamodb-expressions.ts';
import type { Faults } from './faults.ts';
import { isFaulty } from './known-faults.ts';
import type { VirtualTime } from './virtual-time.ts';

type Key = Record<string, AttributeValue>;
type Version = { at: number; item: Item };

/** As infra/table.yml defines them: each holds its keys and those of the table. */
const INDEX_KEYS: Record<string, readonly [partition: string, range: string]> = {
  due: ['dueShard', 'dueAt'],
  list: ['listBucket', 'listKey'],
  'flow-log': ['pk', 'pastListKey'],
};
export const INDEX_LAG_MS = 3_000;
const THROTTLED_FOR_MS = 60_000;
/** DynamoDB may end a page anywhere. */
const PAGE_SIZES = [1, 3, 200] as const;
const EXPIRES_NOW = 0.2;
const VERSIONS_KEPT = 6;

/** One table at the level of the SDK's commands: what the real adapter sends is what is carried out. */
export class SimulatedDynamoDb {
  readonly items = new Map<string, Item>();
  /** What has expired is deleted: by DynamoDB within days. */
  isExpiring = false;
  readonly #history = new Map<string, Version[]>();
  readonly #throttledUntil = new Map<string, number>();
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults;
  /** Hears of every change, before the next can be made. */
  onWrite: (item: Item, command: unknown, writer: Caller) => void = () => {};
  /** Names, of those that are asked for at once, the one that comes in a later part, and late. */
  leavesFor: (keys: string[], reader: Caller) => string | undefined = () => undefined;
  /** Questions for the rest, by their keys. */
  readonly #heldUp = new Set<string>();

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
  }

  execute(command: unknown, writer: Caller): unknown {
    if (command instanceof GetItemCommand) {
      const { Key, ConsistentRead } = command.input;
      return { Item: this.#read(keyOf(Key), ConsistentRead === true) };
    }
    if (command instanceof PutItemCommand) {
      const { Item } = command.input;
      return this.#write(Item, command, writer, () => Item ?? {});
    }
    if (command instanceof UpdateItemCommand) {
      const { Key, UpdateExpression = '' } = command.input;
      return this.#write(Key, command, writer, (item = Key ?? {}) =>
        updated(item, UpdateExpression, command.input),
      );
    }
    if (command instanceof BatchGetItemCommand) {
      return this.#batchGet(command.input, writer);
    }
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
    this.items.delete(key);
    this.#history.delete(key);
  }

  /** It may go at any moment, also between two requests of one caller. */
  #maybeExpire(key: string): void {
    if (this.isExpiring && this.#random.chance(EXPIRES_NOW) && this.#isExpired(key)) this.#delete(key);
  }

  /** Puts it there unseen by `onWrite`. */
  put(item: Item): void {
    const key = keyOf(item);
    const versions = this.#history.get(key) ?? [];
    this.#history.set(key, [...versions, { at: this.#time.now, item }].slice(-VERSIONS_KEPT));
    this.items.set(key, item);
  }

  #write(
    key: Key | undefined,
    command: PutItemCommand | UpdateItemCommand,
    writer: Caller,
    change: (item: Item | undefined) => Item,
  ): unknown {
    this.#maybeExpire(keyOf(key));
    const before = this.items.get(keyOf(key));
    if (!holds(command.input.ConditionExpression, before, command.input)) {
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    const after = change(before);
    this.put(after);
    this.onWrite(after, command, writer);
    return {};
  }

  #read(key: string, isConsistent: boolean): Item | undefined {
    this.#maybeExpire(key);
    return isConsistent ? this.items.get(key) : this.#seenByIndex(key);
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
    // 0.3.0 asks for the rest after a pause by a real timer, which no seed replays.
    const isPart =
      Keys.length > 1 && !isFaulty(reader.name) && this.#faults.strike('dynamodb: keys unprocessed');
    const last = isPart ? this.leavesFor(Keys.map(keyOf), reader) : undefined;
    if (last !== undefined) this.#heldUp.add(last);
    const isRead = (key: Key, index: number) =>
      last === undefined ? index === 0 || this.#random.chance(0.5) : keyOf(key) !== last;
    const read = isPart ? Keys.filter(isRead) : Keys;
    const left = Keys.filter((key) => !read.includes(key));
    const found = read.map((key) => this.#read(keyOf(key), ConsistentRead));
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
    this.#checkThrottled(`${IndexName} ${partitionOf(input)}`);
    const [partitionKey, rangeKey] = INDEX_KEYS[IndexName] ?? ['pk', 'sk'];
    const positionOf = (item: Item) => [item[rangeKey] ?? { S: '' }, { S: keyOf(item) }] as const;
    const direction = ScanIndexForward ? 1 : -1;
    const order = (a: Item, b: Item) => {
      const [[rangeA, keyA], [rangeB, keyB]] = [positionOf(a), positionOf(b)];
      return direction * (compare(rangeA, rangeB) || compare(keyA, keyB));
    };
    const start = input.ExclusiveStartKey;
    const found = [...this.items.keys()]
      .map((key) => this.#seenByIndex(key))
      .filter((item) => item !== undefined)
      .filter((item) => item[rangeKey] !== undefined && holds(KeyConditionExpression, item, input))
      .sort(order)
      .filter((item) => start === undefined || order(item, start) > 0);
    const page = found.slice(0, Math.min(Limit, this.#random.pick(PAGE_SIZES)));
    const names = new Set(['pk', 'sk', partitionKey, rangeKey]);
    const Items = page.map((item) =>
      Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name))),
    );
    return { Items, ...(page.length < found.length && { LastEvaluatedKey: Items.at(-1) }) };
  }

  /** An index, like a read that is not consistent, may show what was. */
  #seenByIndex(key: string): Item | undefined {
    const versions = this.#history.get(key) ?? [];
    const latest = versions.at(-1);
    if (latest === undefined || this.#time.now - latest.at > INDEX_LAG_MS) return latest?.item;
    if (!this.#faults.strike('dynamodb: index behind')) return latest.item;
    const asOf = this.#time.now - this.#random.integer(1, INDEX_LAG_MS);
    return versions.findLast(({ at }) => at <= asOf)?.item;
  }
}

function keysOf({ RequestItems = {} }: BatchGetItemCommandInput): Key[] {
  return Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys);
}

/** The value that every query names first. */
function partitionOf({ ExpressionAttributeValues: values = {} }: QueryCommandInput): string {
  return Object.values(values)[0]?.S ?? '';
}

export function keyOf(item: Key | undefined): string {
  return `${item?.pk?.S ?? ''} ${item?.sk?.S ?? ''}`;
}
