import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Checkpoint, CheckpointStore } from '../activation/drift/ports.ts';
import type { Log, Metrics } from '../activation/model/ports.ts';
import { anyOf, ITEM_IS_ABSENT, unlessConditionFailed, VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { createItemReader } from './item-reader.ts';
import { fromAttributes, toAttributes } from './item-update.ts';

/* The item of a checkpoint: pk C#name, sk 0. It is in no index and never expires. */
const keyOf = (name: string) => ({ pk: `C#${name}`, sk: '0' });

const checkpointSchema = v.object({
  cursor: v.optional(v.string()),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/**
 * CheckpointStore on the table of the activations. An unreadable checkpoint is counted and logged, and counts as none:
 * the next `save` replaces it. Throws the errors of the SDK.
 */
export function createDynamoDbCheckpointStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics },
): CheckpointStore {
  const reader = createItemReader(telemetry);

  return {
    async read(name) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: toAttributes(keyOf(name)), ConsistentRead: true }),
      );
      if (Item === undefined) return { version: 0 };
      const item = fromAttributes(Item);
      const { readable } = reader.many([item], (each): Checkpoint => v.parse(checkpointSchema, each));
      return readable[0] ?? { version: Number(item.version) || 0 };
    },

    save(name, previous, cursor) {
      const item = { ...keyOf(name), cursor, version: previous.version + 1 };
      return unlessConditionFailed(
        client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toAttributes(item),
            ConditionExpression: anyOf(ITEM_IS_ABSENT, VERSION_IS_UNCHANGED),
            ExpressionAttributeValues: toAttributes({ ':version': previous.version }),
          }),
        ),
      );
    },
  };
}
