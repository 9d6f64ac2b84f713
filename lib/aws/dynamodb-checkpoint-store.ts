import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Checkpoint, CheckpointStore, Log, Metrics } from '../activation/model/ports.ts';
import { anyOf, ITEM_IS_ABSENT, VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { createItemReader } from './item-reader.ts';
import { createTable } from './table.ts';

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
  const table = createTable(client, tableName);

  return {
    async read(name) {
      const item = await table.get(keyOf(name));
      if (item === undefined) return { version: 0 };
      const { readable } = reader.many([item], (each): Checkpoint => v.parse(checkpointSchema, each));
      return readable[0] ?? { version: Number(item.version) || 0 };
    },

    save(name, previous, cursor) {
      const item = { ...keyOf(name), cursor, version: previous.version + 1 };
      return table.put(item, anyOf(ITEM_IS_ABSENT, VERSION_IS_UNCHANGED), { ':version': previous.version });
    },
  };
}
