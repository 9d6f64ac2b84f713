import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { ActivationStore } from '../activation/model/ports.ts';
import { fromActivationItem } from './activation-item.ts';
import { batchGet, type Sleep } from './dynamodb-reads.ts';
import { listBucketsOf } from './item-key.ts';
import type { ItemReader } from './item-reader.ts';
import { fromAttributes, type Item, toAttributes } from './item-update.ts';

/** The page holds keys only. Their items are read 100 at a time. */
const PAGE_SIZE = 500;

const key = v.strictObject({ pk: v.string(), sk: v.string(), listBucket: v.string(), listKey: v.string() });
const cursorSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ bucket: v.pipe(v.number(), v.integer(), v.minValue(0)), after: v.optional(key) }),
);
type Cursor = v.InferOutput<typeof cursorSchema>;

/**
 * Walks the buckets `completed` of index `list`. It skips archived activations, which are in these buckets, too. The
 * next walk finds an item that was added behind the cursor.
 */
export function createCompletedPages(
  client: DynamoDBClient,
  tableName: string,
  reader: ItemReader,
  sleep?: Sleep,
): Pick<ActivationStore, 'completed'> {
  const buckets = listBucketsOf('completed');

  const queryBucket = async ({ bucket, after }: Cursor) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'list',
        KeyConditionExpression: 'listBucket = :bucket',
        ExpressionAttributeValues: toAttributes({ ':bucket': buckets[bucket] }),
        Limit: PAGE_SIZE,
        ...(after && { ExclusiveStartKey: toAttributes(after) }),
      }),
    );
    const keys = Items.map(fromAttributes).map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
    return { keys, last: LastEvaluatedKey && keyOf(fromAttributes(LastEvaluatedKey)) };
  };

  return {
    async completed(cursor) {
      let position: Cursor | undefined = readCursor(cursor, buckets.length);
      const found = [];
      // An empty bucket does not make a page.
      while (position && found.length === 0) {
        const { keys, last } = await queryBucket(position);
        found.push(...keys.filter(({ sk }) => sk === '0'));
        position = nextPosition(position, last, buckets.length);
      }
      const items = await batchGet(client, tableName, found, { sleep });
      // An index may lag behind, so activations that are no longer completed are left out.
      const activations = reader
        .many(items, fromActivationItem)
        .readable.filter(({ status }) => status === 'completed');
      return { activations, ...(position && { nextCursor: JSON.stringify(position) }) };
    },
  };
}

function keyOf(item: Item): Cursor['after'] {
  const { pk, sk, listBucket, listKey } = item;
  return { pk: String(pk), sk: String(sk), listBucket: String(listBucket), listKey: String(listKey) };
}

function nextPosition({ bucket }: Cursor, last: Cursor['after'], buckets: number): Cursor | undefined {
  if (last) return { bucket, after: last };
  return bucket + 1 < buckets ? { bucket: bucket + 1 } : undefined;
}

function readCursor(cursor: string | undefined, buckets: number): Cursor {
  const parsed = v.safeParse(cursorSchema, cursor);
  return parsed.success && parsed.output.bucket < buckets ? parsed.output : { bucket: 0 };
}
