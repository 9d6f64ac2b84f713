import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/**
 * Repairs the indexes of a table. dynalite writes the indexes first and then the item. If it is killed in between, an
 * index shows an item that was never written. This function writes such items again, and returns their number.
 * Nobody else may write to the emulator meanwhile.
 */
export async function repairIndexes(client: DynamoDBClient, TableName: string): Promise<number> {
  const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
  const keyOf = keyReader(Table.KeySchema ?? []);
  const items = new Map((await scan(client, { TableName })).map((item) => [keyOf(item), item]));
  const stale = new Map<string, Item[]>();
  for (const { IndexName, KeySchema = [] } of [
    ...(Table.GlobalSecondaryIndexes ?? []),
    ...(Table.LocalSecondaryIndexes ?? []),
  ]) {
    const missing = new Set([...items].flatMap(([key, item]) => (isIndexed(item, KeySchema) ? [key] : [])));
    for (const entry of await scan(client, { TableName, IndexName })) {
      const key = keyOf(entry);
      if (isProjectionOf(entry, items.get(key))) missing.delete(key);
      else stale.set(key, [...(stale.get(key) ?? []), entry]);
    }
    for (const key of missing) if (!stale.has(key)) stale.set(key, []);
  }
  for (const [key, entries] of stale) {
    const item = items.get(key);
    // Write the item as in the index entry, so that the entry belongs to it. The next write moves or removes the entry.
    for (const entry of entries) {
      await client.send(new PutItemCommand({ TableName, Item: { ...item, ...entry } }));
    }
    if (item) await client.send(new PutItemCommand({ TableName, Item: item }));
    else await client.send(new DeleteItemCommand({ TableName, Key: pick(entries[0], Table.KeySchema) }));
  }
  return stale.size;
}

async function scan(
  client: DynamoDBClient,
  input: { TableName: string; IndexName?: string | undefined },
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, input)) items.push(...(page.Items ?? []));
  return items;
}

function keyReader(schema: KeySchemaElement[]): (item: Item) => string {
  return (item) => JSON.stringify(pick(item, schema));
}

function pick(item: Item = {}, schema: KeySchemaElement[] = []): Item {
  return Object.fromEntries(
    schema.flatMap(({ AttributeName = '' }) => {
      const value = item[AttributeName];
      return value === undefined ? [] : [[AttributeName, value]];
    }),
  );
}

function isIndexed(item: Item, schema: KeySchemaElement[]): boolean {
  return schema.every(({ AttributeName = '' }) => item[AttributeName] !== undefined);
}

function isProjectionOf(entry: Item, item: Item | undefined): boolean {
  return (
    item !== undefined && Object.entries(entry).every(([name, value]) => isDeepStrictEqual(value, item[name]))
  );
}
