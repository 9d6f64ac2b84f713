import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation, FlowLogRef } from '../activation/activation.ts';
import { mapConcurrently } from '../activation/concurrency.ts';
import { InvalidCursor } from '../activation/errors.ts';
import type { ActivationStore, ListQuery } from '../activation/ports.ts';
import { currentKey, fromActivationItem, type ItemKey, listBucketsOf, listKeyOf } from './activation-item.ts';
import { batchGet, type Item, queryPages, type Sleep } from './dynamodb-reads.ts';
import { toAttributes } from './item-update.ts';

type Found = { listKey: string; key: ItemKey };
type Page = { activations: Activation[]; lastKey: string; hasMore: boolean };

/** Sorts after every listKey. */
const NEWEST = '~';
const QUERIES_AT_ONCE = 8;
/** So many pages are looked through for what is asked for, as buckets hold more than one status. */
const PAGES_FOR_A_PAGE = 10;
const LATER_PAGE_SIZE = 100;

/**
 * The route's list, newest first: one flow log's current activation and those of index `flow-log`, else the buckets
 * of index `list`, merged. A page may be shorter than its limit and still have a next one: what has another status
 * than the one asked for is left out.
 */
export function createActivationList(
  client: DynamoDBClient,
  tableName: string,
  sleep?: Sleep,
): Pick<ActivationStore, 'list'> {
  const newest = async (query: {
    index: string;
    partition: [attribute: string, value: string];
    rangeKey: string;
    before: string;
    limit: number;
  }): Promise<Found[]> => {
    const [attribute, value] = query.partition;
    const pages = queryPages(client, {
      TableName: tableName,
      IndexName: query.index,
      KeyConditionExpression: `${attribute} = :partition AND ${query.rangeKey} < :before`,
      ExpressionAttributeValues: toAttributes({ ':partition': value, ':before': query.before }),
      ScanIndexForward: false,
      Limit: query.limit,
    });
    const first = await pages.next();
    return (first.value ?? []).map((entry) => foundIn(entry, query.rangeKey));
  };

  const findOfFlowLog = async (flowLog: FlowLogRef, before: string, limit: number): Promise<Found[]> => {
    const key = currentKey(flowLog);
    const [current, past] = await Promise.all([
      batchGet(client, tableName, [key], { sleep }),
      newest({ index: 'flow-log', partition: ['pk', key.pk], rangeKey: 'pastListKey', before, limit }),
    ]);
    return [...current.map((item) => foundIn(item, 'listKey')), ...past].filter(
      ({ listKey }) => listKey < before,
    );
  };

  const find = async ({ flowLog, status }: ListQuery, before: string, limit: number): Promise<Found[]> => {
    if (flowLog) return findOfFlowLog(flowLog, before, limit);
    const found = await mapConcurrently(listBucketsOf(status), QUERIES_AT_ONCE, (bucket) =>
      newest({ index: 'list', partition: ['listBucket', bucket], rangeKey: 'listKey', before, limit }),
    );
    return found.flat();
  };

  const readPage = async (query: ListQuery, before: string, size: number): Promise<Page> => {
    const found = await find(query, before, size + 1);
    const listKeys = [...new Set(found.map(({ listKey }) => listKey))].sort().reverse();
    const shown = new Set(listKeys.slice(0, size));
    const lastKey = [...shown].at(-1) ?? before;
    const keys = found.filter(({ listKey }) => shown.has(listKey)).map(({ key }) => key);
    // A key may by now hold a later activation than the one the index named.
    const activations = (await batchGet(client, tableName, keys, { sleep }))
      .map(fromActivationItem)
      .filter((activation) => shown.delete(listKeyOf(activation)))
      .filter(({ status }) => query.status === undefined || status === query.status)
      .sort(newestFirst);
    return { activations, lastKey, hasMore: listKeys.length > size };
  };

  return {
    async list(query) {
      const { limit, cursor } = query;
      const activations: Activation[] = [];
      let before = cursor === undefined ? NEWEST : decodeCursor(cursor);
      for (let round = 0; round < PAGES_FOR_A_PAGE; round += 1) {
        const page = await readPage(query, before, round === 0 ? limit : LATER_PAGE_SIZE);
        const room = limit - activations.length;
        activations.push(...page.activations.slice(0, room));
        if (!page.hasMore && page.activations.length <= room) return { activations };
        const last = activations.at(-1);
        before = last && activations.length === limit ? listKeyOf(last) : page.lastKey;
        if (activations.length === limit) break;
      }
      return { activations, nextCursor: encodeCursor(before) };
    },
  };
}

function foundIn(entry: Item, rangeKey: string): Found {
  return { listKey: String(entry[rangeKey]), key: { pk: String(entry.pk), sk: String(entry.sk) } };
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
