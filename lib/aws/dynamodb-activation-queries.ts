import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { belongsTo } from '../activation/activation.ts';
import type { ActivationStore } from '../activation/ports.ts';
import {
  archiveKey,
  currentKey,
  DUE_SHARDS,
  fromActivationItem,
  fromBatchItem,
  isBatchItem,
} from './activation-item.ts';
import { batchGet, queryPages } from './dynamodb-reads.ts';
import { toAttributes } from './item-update.ts';

const DUE_PAGE_SIZE = 200;

/** Reads of many items: none scans the table, and the sparse index holds only what has work left. */
export function createActivationQueries(
  client: DynamoDBClient,
  tableName: string,
): Pick<ActivationStore, 'readManyCurrent' | 'findArchived' | 'due'> {
  return {
    async readManyCurrent(flowLogs) {
      return (await batchGet(client, tableName, flowLogs.map(currentKey))).map(fromActivationItem);
    },

    async findArchived(flowLog, batchId) {
      const { pk, sk } = archiveKey(flowLog, '');
      const archive = queryPages(client, {
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :archive)',
        ExpressionAttributeValues: toAttributes({ ':pk': pk, ':archive': sk }),
        ConsistentRead: true,
      });
      for await (const page of archive) {
        const match = page.map(fromActivationItem).find((activation) => belongsTo(activation, batchId));
        if (match) return match;
      }
      return undefined;
    },

    async *due(now) {
      for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
        const pages = queryPages(client, {
          TableName: tableName,
          IndexName: 'due',
          KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
          ExpressionAttributeValues: toAttributes({ ':shard': String(shard), ':now': now }),
          Limit: DUE_PAGE_SIZE,
        });
        for await (const page of pages) {
          yield {
            activations: page.filter((item) => !isBatchItem(item)).map(fromActivationItem),
            batches: page.filter(isBatchItem).map(fromBatchItem),
          };
        }
      }
    },
  };
}
