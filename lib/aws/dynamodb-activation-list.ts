import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ACTIVATION_STATUSES, type Activation } from '../activation/activation.ts';
import { mapConcurrently } from '../activation/concurrency.ts';
import { InvalidCursor } from '../activation/errors.ts';
import type { ActivationStore, ListQuery } from '../activation/ports.ts';
import { currentKey, fromActivationItem, type ItemKey, listBucketsOf, listKeyOf } from './activation-item.ts';
import { batchGet, type Item, queryPages } from './dynamodb-reads.ts';
import { toAttributes } from './item-update.ts';

type Found = { listKey: string; key: ItemKey };

/** Sorts after every listKey. */
const NEWEST = '~';
const QUERIES_AT_ONCE = 8;

/**
 * The route's list, newest first: one flow log's from index `flow-log`, else the status buckets of index `list`,
 * merged. A page may be shorter than its limit and still have a next one: where a status is asked for, what has
 * another by now is left out.
 */
export function createActivationList(
  client: DynamoDBClient,
  tableName: string,
): Pick<ActivationStore, 'list'> {
  const newest = async (partition: Item, index: string, before: string, limit: number): Promise<Found[]> => {
    const [[attribute, value] = []] = Object.entries(partition);
    const pages = queryPages(client, {
      TableName: tableName,
      IndexName: index,
      KeyConditionExpression: `${attribute} = :partition AND listKey < :before`,
      ExpressionAttributeValues: toAttributes({ ':partition': value, ':before': before }),
      ScanIndexForward: false,
      Limit: limit,
    });
    const first = await pages.next();
    return (first.value ?? []).map(({ listKey, pk, sk }) => ({
      listKey: String(listKey),
      key: { pk: String(pk), sk: String(sk) },
    }));
  };

  const find = async ({ flowLog, status, limit }: ListQuery, before: string): Promise<Found[]> => {
    if (flowLog) return newest({ pk: currentKey(flowLog).pk }, 'flow-log', before, limit + 1);
    const buckets = (status ? [status] : ACTIVATION_STATUSES).flatMap(listBucketsOf);
    const found = await mapConcurrently(buckets, QUERIES_AT_ONCE, (listBucket) =>
      newest({ listBucket }, 'list', before, limit + 1),
    );
    return found.flat();
  };

  return {
    async list(query) {
      const { status, limit, cursor } = query;
      const found = await find(query, cursor === undefined ? NEWEST : decodeCursor(cursor));
      const listKeys = [...new Set(found.map(({ listKey }) => listKey))].sort().reverse();
      const shown = new Set(listKeys.slice(0, limit));
      const keys = found.filter(({ listKey }) => shown.has(listKey)).map(({ key }) => key);
      // A key may by now hold a later activation than the one the index named.
      const activations = (await batchGet(client, tableName, keys))
        .map(fromActivationItem)
        .filter((activation) => shown.delete(listKeyOf(activation)))
        .filter((activation) => status === undefined || activation.status === status)
        .sort(newestFirst);
      const last = listKeys[limit - 1];
      return { activations, ...(listKeys.length > limit && last && { nextCursor: encodeCursor(last) }) };
    },
  };
}

function newestFirst(a: Activation, b: Activation): number {
  return listKeyOf(a) < listKeyOf(b) ? 1 : -1;
}

function encodeCursor(listKey: string): string {
  return Buffer.from(listKey).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const listKey = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{15}#[\w.-]{1,300}$/.test(listKey)) throw new InvalidCursor();
  return listKey;
}
