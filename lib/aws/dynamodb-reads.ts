import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { inChunks, mapConcurrently } from '../runtime/concurrency.ts';
import type { ItemKey } from './activation-item.ts';
import { fromAttributes, toAttributes } from './item-update.ts';

export type Item = Record<string, unknown>;

/** BatchGetItem takes at most 100 keys. */
const BATCH_GET_LIMIT = 100;
const CHUNKS_AT_ONCE = 4;
/** DynamoDB answers a part when throttled or over 16 MB; so many parts without an end are an outage. */
const BATCH_GET_ROUNDS = 20;

/** The pages of a Query, until its end or for as long as they are taken. */
export async function* queryPages(
  client: DynamoDBClient,
  query: QueryCommandInput,
): AsyncGenerator<Item[], void, void> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new QueryCommand({ ...query, ExclusiveStartKey: start }));
    yield (page.Items ?? []).map((item) => fromAttributes(item));
    start = page.LastEvaluatedKey;
  } while (start);
}

export type Sleep = (ms: number) => Promise<unknown>;

type ReadOptions = {
  /** False is half the price; the answer may be some time behind. */
  isConsistent?: boolean;
  /** Between a part of an answer and the question for the rest. */
  sleep?: Sleep;
};

/**
 * The items of many keys, in their order and each once; keys without an item are missing in the answer. Consistent
 * reads unless it is told otherwise.
 */
export async function batchGet(
  client: DynamoDBClient,
  tableName: string,
  keys: ItemKey[],
  { isConsistent = true, sleep = setTimeout }: ReadOptions = {},
): Promise<Item[]> {
  // BatchGetItem refuses a request that names a key twice, and answers in no order.
  const byName = new Map(keys.map((key) => [nameOf(key), key]));
  const chunks = inChunks([...byName.values()], BATCH_GET_LIMIT);
  const found = await mapConcurrently(chunks, CHUNKS_AT_ONCE, (chunk) =>
    batchGetChunk(client, tableName, { Keys: chunk.map(toAttributes), ConsistentRead: isConsistent }, sleep),
  );
  const items = new Map(found.flat().map((item) => [nameOf(item), item]));
  return [...byName.keys()].map((name) => items.get(name)).filter((item) => item !== undefined);
}

function nameOf({ pk, sk }: ItemKey | Item): string {
  return `${pk} ${sk}`;
}

async function batchGetChunk(
  client: DynamoDBClient,
  tableName: string,
  asked: KeysAndAttributes,
  sleep: Sleep,
): Promise<Item[]> {
  const found: Item[] = [];
  let wanted: KeysAndAttributes | undefined = asked;
  for (let round = 0; wanted?.Keys?.length; round += 1) {
    if (round === BATCH_GET_ROUNDS) throw new Error('DynamoDB left keys unprocessed again and again');
    if (round > 0) await sleep(Math.min(1000, 25 * 2 ** round));
    const command: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: { [tableName]: wanted } });
    const { Responses, UnprocessedKeys } = await client.send(command);
    for (const item of Responses?.[tableName] ?? []) found.push(fromAttributes(item));
    wanted = UnprocessedKeys?.[tableName];
  }
  return found;
}
