import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation } from '../activation/model/activation.ts';
import type { ActivationStore, DuePage } from '../activation/model/ports.ts';
import { fromActivationItem, fromJoinerItem } from './activation-item.ts';
import { fromBatchItem } from './batch-item.ts';
import { batchGet, queryPages, type Sleep } from './dynamodb-reads.ts';
import { archiveKey, currentKey, DUE_SHARDS, flowLogOfKey, isBatchItem, joinerKey } from './item-key.ts';
import type { ItemReader } from './item-reader.ts';
import { type Item, toAttributes } from './item-update.ts';
import type { KnownPending } from './known-pending.ts';
import { fromOperationItem, isOperationItem } from './operation-item.ts';

/** The number of items that batchGet reads at once. */
const DUE_PAGE_SIZE = 400;

/** Reads of many items. None scans the table; the sparse index `due` holds only items with work left. */
export function createActivationQueries(
  client: DynamoDBClient,
  tableName: string,
  reader: ItemReader,
  known: KnownPending,
  sleep?: Sleep,
): Pick<ActivationStore, 'readManyCurrent' | 'findArchived' | 'due'> {
  const readDue = async (entries: Item[], until: number): Promise<DuePage> => {
    const found = entries.map((entry) => known.find(entry, until));
    const keys = entries
      .filter((_, index) => found[index] === undefined)
      .map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
    const items = await batchGet(client, tableName, keys, { isConsistent: false, sleep });
    // An index may lag behind, so items that are no longer due are left out.
    const due = items.filter(({ dueAt }) => Number(dueAt) <= until);
    const {
      batches = [],
      operations = [],
      activations = [],
    } = Object.groupBy(due, (item) => {
      if (isBatchItem(item)) return 'batches';
      return isOperationItem(item) ? 'operations' : 'activations';
    });
    const { readable } = reader.many(activations, fromActivationItem);
    known.remember(readable, until);
    return {
      activations: [...found.filter((activation) => activation !== undefined), ...readable],
      batches: reader.many(batches, fromBatchItem).readable,
      operations: reader.many(operations, fromOperationItem).readable,
    };
  };

  return {
    async readManyCurrent(flowLogs) {
      const items = await batchGet(client, tableName, flowLogs.map(currentKey), { sleep });
      const { readable, unreadable } = reader.many(items, fromActivationItem);
      return { activations: readable, unreadable: unreadable.map(flowLogOfKey) };
    },

    async findArchived(flowLog, batchId): Promise<Activation | undefined> {
      const keys = [archiveKey(flowLog, batchId), joinerKey(flowLog, batchId)];
      const [first, second] = await batchGet(client, tableName, keys, { sleep });
      const own = [first, second].find((item) => item?.sk === archiveKey(flowLog, batchId).sk);
      if (own) return reader.one(own, fromActivationItem);
      if (first === undefined) return undefined;
      const keyOfJoined = archiveKey(flowLog, reader.one(first, fromJoinerItem));
      const [joined] = await batchGet(client, tableName, [keyOfJoined], { sleep });
      return joined && reader.one(joined, fromActivationItem);
    },

    async *due({ from, until }, pageRotation) {
      for (let offset = 0; offset < DUE_SHARDS; offset += 1) {
        const shard = (pageRotation + offset) % DUE_SHARDS;
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
        try {
          for await (const entries of pages) yield await readDue(entries, until);
        } catch (failure) {
          yield { activations: [], batches: [], operations: [], failure };
        }
      }
    },
  };
}
