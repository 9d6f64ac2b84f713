import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Checkpoint, CheckpointStore } from '../activation/drift/ports.ts';
import type { Log, Metrics } from '../activation/model/ports.ts';
import { unlessConditionFailed } from './conditional-write.ts';
import { createItemReader } from './item-reader.ts';
import { fromAttributes, toAttributes } from './item-update.ts';

/* How checkpoints lie in the table: pk C#name, sk 0; in no index, never expired. */
const keyOf = (name: string) => ({ pk: `C#${name}`, sk: '0' });

const checkpointSchema = v.object({
  cursor: v.optional(v.string()),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/** The port on the same table. One that cannot be read is a beginning: it is counted, logged and replaced. Throws what the SDK throws when DynamoDB cannot be asked. */
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
            ConditionExpression: 'attribute_not_exists(pk) OR version = :version',
            ExpressionAttributeValues: toAttributes({ ':version': previous.version }),
          }),
        ),
      );
    },
  };
}
