import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation, FlowLogRef } from '../activation/model/activation.ts';
import { InvalidCursor } from '../activation/model/errors.ts';
import type { ActivationPage, ActivationStore, ListQuery } from '../activation/model/ports.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { fromActivationItem } from './activation-item.ts';
import { batchGet, queryPages, type Sleep } from './dynamodb-reads.ts';
import { currentKey, flowLogOfKey, type ItemKey, listBucketsOf, listKeyOf } from './item-key.ts';
import type { ItemReader } from './item-reader.ts';
import { type Item, toAttributes } from './item-update.ts';

type Found = { listKey: string; key: ItemKey };
/** An activation, or the flow log of an unreadable one. */
type Entry = { listKey: string } & ({ activation: Activation } | { unreadable: FlowLogRef });
type Page = { entries: Entry[]; lastKey: string; hasMore: boolean };

const LIST_KEY = /^\d{15}#[\w.-]{1,300}$/;
/** Replaces a list key that a cursor cannot hold. */
const ODD_KEY = '999999999999999#unreadable';

/** Sorts after every listKey. */
const NEWEST = '~';
const QUERIES_AT_ONCE = 8;
/** At most this many pages are read for one page of the list, because buckets hold more than one status. */
const PAGES_FOR_A_PAGE = 10;
const LATER_PAGE_SIZE = 100;

/**
 * Lists activations, newest first: those of one flow log (its current item and index `flow-log`), or all of them (the
 * merged buckets of index `list`). A page leaves out activations of other statuses, so it may be shorter than its limit
 * and still have a next page. An unreadable item counts towards its page, with any status.
 */
export function createActivationList(
  client: DynamoDBClient,
  tableName: string,
  reader: ItemReader,
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
    // A page may end anywhere, and may hold an activation twice: archived and still current. Read until there are enough
    // different ones. Otherwise the merge would skip the rest of this bucket for older ones of other buckets.
    const found: Found[] = [];
    for await (const entries of pages) {
      found.push(...entries.map((entry) => foundIn(entry, query.rangeKey)));
      if (new Set(found.map(({ listKey }) => listKey)).size >= query.limit) break;
    }
    return found;
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
    // The current item comes first. Its archived copy is out of date if the successor was never written.
    const keys = found
      .filter(({ listKey }) => shown.has(listKey))
      .flatMap(({ key }) => [{ ...key, sk: '0' }, key]);
    const items = await batchGet(client, tableName, keys, { sleep });
    const { readable, unreadable } = reader.many(items, fromActivationItem);
    // By now the key may hold a later activation than the index named.
    const entries: Entry[] = readable
      .filter((activation) => shown.delete(listKeyOf(activation)))
      .filter(({ status }) => query.status === undefined || status === query.status)
      .map((activation) => ({ listKey: listKeyOf(activation), activation }));
    for (const item of unreadable) {
      const named = found.find(({ key }) => key.pk === item.pk && key.sk === item.sk);
      if (named) entries.push({ listKey: named.listKey, unreadable: flowLogOfKey(item) });
    }
    return { entries: entries.sort(newestFirst), lastKey, hasMore: listKeys.length > size };
  };

  return {
    async list(query) {
      const { limit, cursor } = query;
      const entries: Entry[] = [];
      let before = cursor === undefined ? NEWEST : decodeCursor(cursor);
      for (let round = 0; round < PAGES_FOR_A_PAGE; round += 1) {
        const page = await readPage(query, before, round === 0 ? limit : LATER_PAGE_SIZE);
        const room = limit - entries.length;
        entries.push(...page.entries.slice(0, room));
        if (!page.hasMore && page.entries.length <= room) return toPage(entries);
        const last = entries.at(-1);
        before = last && entries.length === limit ? last.listKey : page.lastKey;
        if (entries.length === limit) break;
      }
      return { ...toPage(entries), nextCursor: encodeCursor(before) };
    },
  };
}

function toPage(entries: Entry[]): ActivationPage {
  return {
    activations: entries.flatMap((entry) => ('activation' in entry ? [entry.activation] : [])),
    unreadable: entries.flatMap((entry) => ('unreadable' in entry ? [entry.unreadable] : [])),
  };
}

function foundIn(entry: Item, rangeKey: string): Found {
  const listKey = String(entry[rangeKey]);
  return {
    listKey: LIST_KEY.test(listKey) ? listKey : ODD_KEY,
    key: { pk: String(entry.pk), sk: String(entry.sk) },
  };
}

function newestFirst(a: Entry, b: Entry): number {
  return a.listKey < b.listKey ? 1 : -1;
}

function encodeCursor(listKey: string): string {
  return Buffer.from(listKey).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const listKey = Buffer.from(cursor, 'base64url').toString();
  if (!LIST_KEY.test(listKey)) throw new InvalidCursor();
  return listKey;
}
