import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation } from '../activation/activation.ts';
import type { ActivationStore, DuePage } from '../activation/ports.ts';
import {
  archiveKey,
  currentKey,
  DUE_SHARDS,
  fromActivationItem,
  fromJoinerItem,
  joinerKey,
} from './activation-item.ts';
import { fromBatchItem, isBatchItem } from './batch-item.ts';
import { batchGet, type Item, queryPages, type Sleep } from './dynamodb-reads.ts';
import { toAttributes } from './item-update.ts';

/** As many as are read at once. */
const DUE_PAGE_SIZE = 400;

/** Reads of many items: none scans the table, and the sparse index holds only what has work left. */
export function createActivationQueries(
  client: DynamoDBClient,
  tableName: string,
  sleep?: Sleep,
): Pick<ActivationStore, 'readManyCurrent' | 'findArchived' | 'due'> {
  return {
    async readManyCurrent(flowLogs) {
      const items = await batchGet(client, tableName, flowLogs.map(currentKey), { sleep });
      return items.map(fromActivationItem);
    },

    async findArchived(flowLog, batchId): Promise<Activation | undefined> {
      const keys = [archiveKey(flowLog, batchId), joinerKey(flowLog, batchId)];
      const [first, second] = await batchGet(client, tableName, keys, { sleep });
      const own = [first, second].find((item) => item?.sk === archiveKey(flowLog, batchId).sk);
      if (own) return fromActivationItem(own);
      if (first === undefined) return undefined;
      const keyOfJoined = archiveKey(flowLog, fromJoinerItem(first));
      const [joined] = await batchGet(client, tableName, [keyOfJoined], { sleep });
      return joined && fromActivationItem(joined);
    },

    async *due({ from, until }, turn) {
      for (let offset = 0; offset < DUE_SHARDS; offset += 1) {
        const shard = (turn + offset) % DUE_SHARDS;
        const pages = queryPages(client, {
          TableName: tableName,
          IndexName: 'due',
          KeyConditionExpression: 'dueShard = :shard AND dueAt BETWEEN :from AND :until',
          ExpressionAttributeValues: toAttributes({
            ':shard': String(shard),
            ':from': from,
            ':until': until,
          }),
          Limit: DUE_PAGE_SIZE,
        });
        for await (const entries of pages) {
          const keys = entries.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
          const items = await batchGet(client, tableName, keys, { isConsistent: false, sleep });
          // An index may lag behind: what is no longer due is left out.
          yield toDuePage(items.filter(({ dueAt }) => Number(dueAt) <= until));
        }
      }
    },
  };
}

/** Item by item: one of another version of the code must not hide the rest. */
function toDuePage(items: Item[]): DuePage {
  const page: DuePage = { activations: [], batches: [], unreadable: [] };
  for (const item of items) {
    try {
      if (isBatchItem(item)) page.batches.push(fromBatchItem(item));
      else page.activations.push(fromActivationItem(item));
    } catch {
      page.unreadable.push(`${item.pk} ${item.sk}`);
    }
  }
  return page;
}
