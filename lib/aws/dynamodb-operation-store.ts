import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Log, Metrics } from '../activation/model/ports.ts';
import { OPERATION_ID, OPERATION_LIFE_MS } from '../activation/operations/operation.ts';
import type { OperationStore } from '../activation/operations/ports.ts';
import { anyOf, ITEM_IS_ABSENT, LIFE_IS_OVER, VERSION_IS_NOT_NEWER } from './conditional-write.ts';
import { batchGet, queryPages, type Sleep } from './dynamodb-reads.ts';
import { createItemReader } from './item-reader.ts';
import { toAttributes, updateOf } from './item-update.ts';
import {
  fromOperationItem,
  fromRefusalsItem,
  OPERATIONS_BUCKET,
  operationKey,
  refusalsKey,
  toOperationItem,
  toRefusalsItem,
} from './operation-item.ts';
import { createTable } from './table.ts';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * OperationStore on the table of the activations. An unreadable item is counted and logged. Throws RecordUnreadable, and
 * the errors of the SDK.
 */
export function createDynamoDbOperationStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics },
  sleep?: Sleep,
): OperationStore {
  const reader = createItemReader(telemetry);
  const table = createTable(client, tableName);

  const read: OperationStore['read'] = async (operationId) => {
    if (!OPERATION_ID.test(operationId)) return undefined;
    const item = await table.get(operationKey(operationId));
    return item && reader.one(item, fromOperationItem);
  };

  return {
    read,

    async create(operation) {
      const ended = { ':ended': operation.createdAt - OPERATION_LIFE_MS };
      const item = toOperationItem(operation);
      if (await table.put(item, anyOf(ITEM_IS_ABSENT, LIFE_IS_OVER), ended)) return undefined;
      const existing = await read(operation.operationId);
      if (existing === undefined)
        throw new Error(`operation ${operation.operationId} vanished while it was read`);
      return existing;
    },

    transition(previous, next) {
      const { operationId, version } = previous;
      const condition = { version, createdAt: previous.createdAt };
      const update = updateOf(toOperationItem(previous), toOperationItem(next), NOTHING, condition);
      return table.update(operationKey(operationId), update);
    },

    async newest(limit) {
      const pages = queryPages(client, {
        TableName: tableName,
        IndexName: 'list',
        KeyConditionExpression: 'listBucket = :bucket',
        ExpressionAttributeValues: toAttributes({ ':bucket': OPERATIONS_BUCKET }),
        ScanIndexForward: false,
        Limit: limit,
      });
      const keys = [];
      for await (const entries of pages) {
        keys.push(...entries.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })));
        if (keys.length >= limit) break;
      }
      const items = await batchGet(client, tableName, keys.slice(0, limit), { sleep });
      const { readable } = reader.many(items, fromOperationItem);
      return readable.sort((a, b) => b.createdAt - a.createdAt);
    },

    async writeRefusals(operation, page, refusals) {
      const condition = anyOf(ITEM_IS_ABSENT, VERSION_IS_NOT_NEWER);
      const values = { ':version': operation.version };
      await table.put(toRefusalsItem(operation, page, refusals), condition, values);
    },

    async readRefusals(operationId, pages) {
      const keys = pages.map((page) => refusalsKey(operationId, page));
      const items = await batchGet(client, tableName, keys, { sleep });
      const { readable } = reader.many(items, fromRefusalsItem);
      return readable.sort((a, b) => (a.sk < b.sk ? -1 : 1)).flatMap(({ refusals }) => refusals);
    },
  };
}
