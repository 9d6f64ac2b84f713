import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { holds, type Item, updated } from '../../test/simulation/dynamodb-expressions.ts';
import type { Table } from './adapters.ts';
import { DueIndex } from './due-index.ts';
import { RequestCounts } from './request-counts.ts';

type Key = Record<string, AttributeValue>;

const NO_KEY = { S: '' };

/** Hears of everything that costs capacity. */
export type Meter = {
  /** `before` is what lay there. */
  wrote(before: Item | undefined, after: Item): void;
  /** A write whose condition did not hold. */
  refused(existing: Item | undefined): void;
  /** By GetItem or BatchGetItem; a key without an item is undefined. */
  gotItems(items: (Item | undefined)[], isConsistent: boolean): void;
  /** A page of the index `due`. */
  queried(items: Item[]): void;
};

/**
 * One table at the level of the SDK's commands, which counts what it is asked and how many items it reads for it.
 * Its index `due` finds what is due without a look at the rest, as DynamoDB's does; it has no other index.
 */
export class MemoryDynamoDb implements Table {
  readonly tableName = 'activations';
  readonly counts = new RequestCounts();
  readonly #items = new Map<string, Item>();
  readonly #due = new DueIndex();
  readonly #meter: Meter | undefined;

  constructor(meter?: Meter) {
    this.#meter = meter;
  }

  execute(command: unknown): unknown {
    if (command instanceof GetItemCommand) {
      const found = this.#items.get(keyOf(command.input.Key));
      this.counts.add('GetItem', found ? 1 : 0);
      this.#meter?.gotItems([found], command.input.ConsistentRead === true);
      return { Item: found };
    }
    if (command instanceof PutItemCommand) {
      const { Item } = command.input;
      this.counts.add('PutItem', 0);
      return this.#write(Item, command.input, () => Item ?? {});
    }
    if (command instanceof UpdateItemCommand) {
      const { Key, UpdateExpression = '' } = command.input;
      this.counts.add('UpdateItem', 0);
      return this.#write(Key, command.input, (item = Key ?? {}) =>
        updated(item, UpdateExpression, command.input),
      );
    }
    if (command instanceof BatchGetItemCommand) {
      const [[table, { Keys = [], ConsistentRead }] = ['', {}]] = Object.entries(
        command.input.RequestItems ?? {},
      );
      const asked = Keys.map((key) => this.#items.get(keyOf(key)));
      this.#meter?.gotItems(asked, ConsistentRead === true);
      const found = asked.filter((item) => item !== undefined);
      this.counts.add('BatchGetItem', found.length);
      return { Responses: { [table]: found } };
    }
    if (command instanceof QueryCommand) return this.#query(command.input);
    throw new Error('the table does not know this command');
  }

  /** Without being counted. */
  put(item: Item): void {
    const key = keyOf(item);
    this.#due.replace(key, this.#items.get(key), item);
    this.#items.set(key, item);
  }

  #write(
    key: Key | undefined,
    input: PutItemCommand['input'] | UpdateItemCommand['input'],
    change: (item: Item | undefined) => Item,
  ): unknown {
    const before = this.#items.get(keyOf(key));
    if (!holds(input.ConditionExpression, before, input)) {
      this.#meter?.refused(before);
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    const after = change(before);
    this.put(after);
    this.#meter?.wrote(before, after);
    return {};
  }

  #query({ IndexName, ExpressionAttributeValues, ExclusiveStartKey, Limit = 1_000 }: QueryCommandInput) {
    if (IndexName !== 'due') throw new Error(`the table has no index ${IndexName}`);
    const { ':shard': shard, ':from': from, ':until': until } = ExpressionAttributeValues ?? {};
    const start = ExclusiveStartKey
      ? { at: Number(ExclusiveStartKey.dueAt?.N), key: keyOf(ExclusiveStartKey) }
      : { at: Number(from?.N), key: '' };
    const keys = this.#due.find(shard?.S ?? '', Number(until?.N), Limit, start);
    const Items = keys.map((key) => dueEntryOf(this.#items.get(key) ?? {}));
    this.counts.add('Query', Items.length);
    this.#meter?.queried(Items);
    // As DynamoDB does: a page that its limit has ended may be the last.
    return { Items, ...(keys.length === Limit && { LastEvaluatedKey: Items.at(-1) }) };
  }
}

/** What the index holds of an item: keys alone. */
function dueEntryOf(item: Item): Item {
  const { pk = NO_KEY, sk = NO_KEY, dueShard = NO_KEY, dueAt = NO_KEY } = item;
  return { pk, sk, dueShard, dueAt };
}

function keyOf(item: Key | undefined): string {
  return `${item?.pk?.S ?? ''} ${item?.sk?.S ?? ''}`;
}
