import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ACTIVATION_STATUSES, type Activation, type ActivationStatus } from '../activation/activation.ts';
import { mapConcurrently } from '../activation/concurrency.ts';
import { InvalidCursor } from '../activation/errors.ts';
import type { ActivationStore } from '../activation/ports.ts';
import { currentKey, fromActivationItem, listKeyOf } from './activation-item.ts';
import { batchGet, type Item, queryPages } from './dynamodb-reads.ts';
import { toAttributes } from './item-update.ts';

type Page = { activations: Activation[]; lastKey?: string };

/** Sorts after every listKey. */
const NEWEST = '~';

/** The route's list: one flow log's from its own partition, else the status buckets of index `list`, merged. */
export function createActivationList(
  client: DynamoDBClient,
  tableName: string,
): Pick<ActivationStore, 'list'> {
  const ofFlowLog = async (
    pk: string,
    status: ActivationStatus | undefined,
    before: string,
    limit: number,
  ) => {
    const found: Activation[] = [];
    const pages = queryPages(client, {
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: toAttributes({ ':pk': pk }),
      ConsistentRead: true,
    });
    for await (const page of pages) found.push(...page.map(fromActivationItem));
    const matching = found
      .filter((activation) => status === undefined || activation.status === status)
      .filter((activation) => listKeyOf(activation) < before)
      .sort(newestFirst);
    const activations = matching.slice(0, limit);
    const last = activations.at(-1);
    return { activations, ...(matching.length > limit && last && { lastKey: listKeyOf(last) }) };
  };

  const newestOf = async (bucket: string, before: string, limit: number): Promise<Item[]> => {
    const pages = queryPages(client, {
      TableName: tableName,
      IndexName: 'list',
      KeyConditionExpression: 'listBucket = :bucket AND listKey < :before',
      ExpressionAttributeValues: toAttributes({ ':bucket': bucket, ':before': before }),
      ScanIndexForward: false,
      Limit: limit + 1,
    });
    const { value } = await pages.next();
    return value ?? [];
  };

  /** What changes its status between index and table is left out of a list by status, never shown wrongly. */
  const ofBuckets = async (
    status: ActivationStatus | undefined,
    before: string,
    limit: number,
  ): Promise<Page> => {
    const buckets = status ? [status] : ACTIVATION_STATUSES;
    const perBucket = await mapConcurrently(buckets, buckets.length, (bucket) =>
      newestOf(bucket, before, limit),
    );
    const keys = new Map(perBucket.flat().map(({ listKey, pk, sk }) => [String(listKey), { pk, sk }]));
    const inOrder = [...keys.keys()].sort().reverse();
    const listKeys = inOrder.slice(0, limit);
    const tableKeys = listKeys.map((listKey) => {
      const { pk, sk } = keys.get(listKey) ?? {};
      return { pk: String(pk), sk: String(sk) };
    });
    const activations = (await batchGet(client, tableName, tableKeys))
      .map(fromActivationItem)
      .filter((activation) => keys.has(listKeyOf(activation)))
      .filter((activation) => status === undefined || activation.status === status)
      .sort(newestFirst);
    return { activations, ...(inOrder.length > limit && { lastKey: listKeys.at(-1) }) };
  };

  return {
    async list({ flowLog, status, limit, cursor }) {
      const before = cursor === undefined ? NEWEST : decodeCursor(cursor);
      const { activations, lastKey } = flowLog
        ? await ofFlowLog(currentKey(flowLog).pk, status, before, limit)
        : await ofBuckets(status, before, limit);
      return { activations, ...(lastKey && { nextCursor: encodeCursor(lastKey) }) };
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
