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
import type { ItemKey } from './item-key.ts';
import { fromAttributes, type Item, toAttributes } from './item-update.ts';

/** BatchGetItem takes at most 100 keys. */
const BATCH_GET_LIMIT = 100;
const CHUNKS_AT_ONCE = 4;
/** DynamoDB returns a part of the items when throttled or over 16 MB. After this many parts it counts as an outage. */
const BATCH_GET_TRIES = 20;

/** Yields the pages of a Query. It stops reading when the caller stops. */
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
  /** False costs half, and the items may be out of date. */
  isConsistent?: boolean;
  /** Waits before the next attempt for unprocessed keys. */
  sleep?: Sleep;
};

/**
 * Returns the items of many keys, in the order of the keys, each once. Keys without an item are left out. Throws the
 * errors of the SDK, and if DynamoDB leaves keys unprocessed too often.
 */
export async function batchGet(
  client: DynamoDBClient,
  tableName: string,
  keys: ItemKey[],
  { isConsistent = true, sleep = setTimeout }: ReadOptions = {},
): Promise<Item[]> {
  // BatchGetItem refuses a request that names a key twice, and returns the items in no order.
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
  keys: KeysAndAttributes,
  sleep: Sleep,
): Promise<Item[]> {
  const found: Item[] = [];
  let wanted: KeysAndAttributes | undefined = keys;
  for (let tries = 0; wanted?.Keys?.length; tries += 1) {
    if (tries === BATCH_GET_TRIES) throw new Error(`DynamoDB left keys unprocessed ${BATCH_GET_TRIES} times`);
    if (tries > 0) await sleep(Math.min(1000, 25 * 2 ** tries));
    const command: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: { [tableName]: wanted } });
    const { Responses, UnprocessedKeys } = await client.send(command);
    for (const item of Responses?.[tableName] ?? []) found.push(fromAttributes(item));
    wanted = UnprocessedKeys?.[tableName];
  }
  return found;
}
