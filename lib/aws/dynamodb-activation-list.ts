import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation, FlowLogRef } from '../activation/model/activation.ts';
import { InvalidCursor } from '../activation/model/errors.ts';
import { isInScope, matches } from '../activation/model/list-filter.ts';
import type { ActivationPage, ActivationStore, ListQuery } from '../activation/model/ports.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { fromActivationItem } from './activation-item.ts';
import { attentionPartitionsOf } from './attention.ts';
import { batchGet, queryPages, type Sleep } from './dynamodb-reads.ts';
import { currentKey, flowLogOfKey, type ItemKey, listBucketsOf, listKeyOf, listTimeOf } from './item-key.ts';
import type { ItemReader } from './item-reader.ts';
import { type Item, toAttributes } from './item-update.ts';

type Found = { listKey: string; key: ItemKey };
/** An activation, or the flow log of an unreadable one. */
type Entry = { listKey: string } & ({ activation: Activation } | { unreadable: FlowLogRef });
type Page = { entries: Entry[]; lastKey: string; hasMore: boolean };
/** Of list keys, without `before`. */
type Range = { from: string; before: string };

const LIST_KEY = /^\d{15}#[\w.-]{1,300}$/;
/** Replaces a list key that a cursor cannot hold. */
const ODD_KEY = '999999999999999#unreadable';

/** Sort before and after every listKey. */
const OLDEST = '0';
const NEWEST = '~';
const QUERIES_AT_ONCE = 8;
/** At most this many pages are read for one page of the list, because buckets hold more than one status. */
const PAGES_FOR_A_PAGE = 10;
const LATER_PAGE_SIZE = 100;
/** Keys alone show the account and the region, and they are small: so many are read at once if a filter names these. */
const KEYS_OF_A_SCOPE = 500;

/**
 * Lists activations, newest first: those of one flow log (its current item and index `flow-log`), or all of them (the
 * merged buckets of index `list`), or those that need attention (index `attention`). A page leaves out what does not match
 * its filter, so it may be shorter than its limit and still have a next page. An unreadable item of the account and the
 * region counts towards its page, whatever the rest of the filter is.
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
    range: Range;
    limit: number;
  }): Promise<Found[]> => {
    const [attribute, value] = query.partition;
    const { from, before } = query.range;
    const pages = queryPages(client, {
      TableName: tableName,
      IndexName: query.index,
      KeyConditionExpression: `${attribute} = :partition AND ${query.rangeKey} BETWEEN :from AND :before`,
      ExpressionAttributeValues: toAttributes({ ':partition': value, ':from': from, ':before': before }),
      ScanIndexForward: false,
      Limit: query.limit,
    });
    // A page may end anywhere, and may hold an activation twice: archived and still current. Read until there are enough
    // different ones. Otherwise the merge would skip the rest of this bucket for older ones of other buckets.
    const found: Found[] = [];
    for await (const entries of pages) {
      const inRange = entries.filter((entry) => String(entry[query.rangeKey]) < before);
      found.push(...inRange.map((entry) => foundIn(entry, query.rangeKey)));
      if (new Set(found.map(({ listKey }) => listKey)).size >= query.limit) break;
    }
    return found;
  };

  const findOfFlowLog = async (flowLog: FlowLogRef, range: Range, limit: number): Promise<Found[]> => {
    const key = currentKey(flowLog);
    const [current, past] = await Promise.all([
      batchGet(client, tableName, [key], { sleep }),
      newest({ index: 'flow-log', partition: ['pk', key.pk], rangeKey: 'pastListKey', range, limit }),
    ]);
    return [...current.map((item) => foundIn(item, 'listKey')), ...past].filter(
      ({ listKey }) => listKey < range.before,
    );
  };

  const find = async (query: ListQuery, range: Range, limit: number): Promise<Found[]> => {
    if (query.flowLog) return findOfFlowLog(query.flowLog, range, limit);
    const attention = attentionPartitionsOf(query);
    const [index, attribute] = attention ? ['attention', 'attention'] : ['list', 'listBucket'];
    const partitions = attention ?? listBucketsOf(query.status);
    const found = await mapConcurrently(partitions, QUERIES_AT_ONCE, (partition) =>
      newest({ index, partition: [attribute, partition], rangeKey: 'listKey', range, limit }),
    );
    return found.flat();
  };

  /** Reads at most so many items. For a filter with an account or a region it reads more keys to find them. */
  const readPage = async (query: ListQuery, range: Range, items: number): Promise<Page> => {
    const isScoped = query.account !== undefined || query.region !== undefined;
    const size = isScoped ? KEYS_OF_A_SCOPE : items;
    const all = await find(query, range, size + 1);
    const listKeys = newestKeys(all).slice(0, size);
    const oldest = listKeys.at(-1) ?? range.before;
    const found = all.filter(({ listKey, key }) => listKey >= oldest && isInScope(query, flowLogOfKey(key)));
    const shown = new Set(newestKeys(found).slice(0, items));
    const isFull = shown.size === items;
    const lastKey = (isFull ? [...shown].at(-1) : undefined) ?? oldest;
    // The current item comes first. Its archived copy is out of date if the successor was never written.
    const keys = found
      .filter(({ listKey }) => shown.has(listKey))
      .flatMap(({ key }) => [{ ...key, sk: '0' }, key]);
    const read = await batchGet(client, tableName, keys, { sleep });
    const { readable, unreadable } = reader.many(read, fromActivationItem);
    // By now the key may hold a later activation than the index named.
    const entries: Entry[] = readable
      .filter((activation) => shown.delete(listKeyOf(activation)))
      .filter((activation) => matches(query, activation))
      .map((activation) => ({ listKey: listKeyOf(activation), activation }));
    for (const item of unreadable) {
      const named = found.find(({ key }) => key.pk === item.pk && key.sk === item.sk);
      if (named) entries.push({ listKey: named.listKey, unreadable: flowLogOfKey(item) });
    }
    const hasMore = all.some(({ listKey }) => listKey < lastKey);
    return { entries: entries.sort(newestFirst), lastKey, hasMore };
  };

  return {
    async list(query) {
      const { limit, cursor, createdFrom, createdUntil } = query;
      const entries: Entry[] = [];
      const from = createdFrom === undefined ? OLDEST : listTimeOf(createdFrom);
      const newest = createdUntil === undefined ? NEWEST : listTimeOf(createdUntil + 1);
      let before = cursor === undefined ? newest : decodeCursor(cursor);
      if (before <= from) return toPage(entries);
      for (let round = 0; round < PAGES_FOR_A_PAGE; round += 1) {
        const page = await readPage(query, { from, before }, round === 0 ? limit : LATER_PAGE_SIZE);
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

function newestKeys(found: Found[]): string[] {
  return [...new Set(found.map(({ listKey }) => listKey))].sort().reverse();
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
