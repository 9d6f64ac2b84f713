import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { FlowLogRef } from '../activation/model/activation.ts';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';
import type { Sample, TableSampler } from '../activation/status/ports.ts';
import { fromActivationItem } from './activation-item.ts';
import { attentionPartitionsOf } from './attention.ts';
import { batchGet } from './dynamodb-reads.ts';
import { DUE_SHARDS, flowLogOfKey, type ItemKey, isActivationItem, listBucketsOf } from './item-key.ts';
import type { ItemReader } from './item-reader.ts';
import { fromAttributes, type Item, toAttributes } from './item-update.ts';

/** A Query that is not consistent costs half a read unit for each 4 kB of entries that it reads, rounded up. */
const BYTES_OF_HALF_A_UNIT = 4_096;
/** About 8 kB, unless names are long. */
const ENTRIES_OF_A_PAGE = 40;
const UNITS_LIMIT = 43;
const QUERIES_AT_ONCE = 6;
/** What was refused is sent again within an hour: see refusedDelayMs. */
const LATER_MS = 3_600_000;
/** At half a read unit each. */
const HELD_LIMIT = 10;

/** One partition of an index, read page after page. */
type Partition = {
  index: 'list' | 'attention' | 'due';
  attribute: string;
  value: string;
  entries: Item[];
  next?: Item;
  isDone: boolean;
};

/**
 * TableSampler on the indexes `list`, `attention` and `due`. It reads a page of each partition in turn, so that a full
 * one hides no other, until all are read or UNITS_LIMIT is used (and what the last queries at once take beyond it). What
 * is due later comes last. Then it reads the items of up to 10 accounts on hold, for 5 units more. Throws the errors of
 * the SDK.
 */
export function createTableSampler(
  client: DynamoDBClient,
  tableName: string,
  reader: ItemReader,
): TableSampler {
  /** Returns the units that it cost. */
  const readPage = async (partition: Partition, now: number): Promise<number> => {
    const { index, attribute, value, next } = partition;
    const isDue = index === 'due';
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: index,
        KeyConditionExpression: `${attribute} = :value${isDue ? ' AND dueAt BETWEEN :from AND :until' : ''}`,
        ExpressionAttributeValues: toAttributes({
          ':value': value,
          ...(isDue && { ':from': 0, ':until': now + LATER_MS }),
        }),
        Limit: ENTRIES_OF_A_PAGE,
        ...(next && { ExclusiveStartKey: toAttributes(next) }),
      }),
    );
    const entries = Items.map(fromAttributes);
    partition.entries.push(...entries);
    partition.isDone = LastEvaluatedKey === undefined;
    if (LastEvaluatedKey) partition.next = fromAttributes(LastEvaluatedKey);
    return Math.max(1, Math.ceil(bytesOf(entries) / BYTES_OF_HALF_A_UNIT)) / 2;
  };

  const readAll = async (partitions: Partition[], now: number): Promise<void> => {
    let waiting = partitions;
    for (let units = 0; waiting.length > 0 && units < UNITS_LIMIT; ) {
      const pages = waiting.slice(0, QUERIES_AT_ONCE);
      for (const cost of await Promise.all(pages.map((page) => readPage(page, now)))) units += cost;
      const left = [...waiting.slice(QUERIES_AT_ONCE), ...pages].filter(({ isDone }) => !isDone);
      const isLast = (partition: Partition) => partition.entries.some((entry) => isLater(entry, now));
      waiting = [...left.filter((one) => !isLast(one)), ...left.filter(isLast)];
    }
  };

  const readHeld = async (held: Partition[]) => {
    const byAccount = new Map<string, ItemKey>();
    for (const { pk, sk } of held.flatMap(({ entries }) => entries)) {
      const { account } = flowLogOfKey({ pk });
      if (!byAccount.has(account)) byAccount.set(account, { pk: String(pk), sk: String(sk) });
    }
    const keys = [...byAccount.values()].slice(0, HELD_LIMIT);
    const items = await batchGet(client, tableName, keys, { isConsistent: false });
    return reader.many(items, fromActivationItem).readable;
  };

  return {
    async sample(now) {
      const due = Array.from({ length: DUE_SHARDS }, (_, shard) => partitionOf('due', String(shard)));
      const open = listBucketsOf('queued').map((bucket) => partitionOf('list', bucket));
      const held = attention({ held: true });
      const failed = FAILURE_REASONS.map((reason) => [reason, attention({ reason })] as const);
      const drifted = attention({ drift: true });
      await readAll([...due, ...held, ...open, ...failed.flatMap(([, of]) => of), ...drifted], now);
      const split = due.map((one) => splitByTime(one, now));
      const dueTimes = split.flatMap(([{ entries }]) => entries.map(({ dueAt }) => Number(dueAt)));
      return {
        open: sampleOf(open),
        failed: new Map(failed.map(([reason, of]) => [reason, sampleOf(of)])),
        held: sampleOf(held),
        drifted: sampleOf(drifted),
        due: sampleOf(split.map(([overdue]) => overdue)),
        dueLater: sampleOf(split.map(([, later]) => later)),
        ...(dueTimes.length > 0 && { oldestDueAt: Math.min(...dueTimes) }),
        oldestHeld: await readHeld(held),
      };
    },
  };
}

const ATTRIBUTES = { list: 'listBucket', attention: 'attention', due: 'dueShard' } as const;

function partitionOf(index: Partition['index'], value: string): Partition {
  return { index, attribute: ATTRIBUTES[index], value, entries: [], isDone: false };
}

function isLater({ dueAt }: Item, now: number): boolean {
  return Number(dueAt) > now;
}

/** What is due now, and what is due later. The entries of a partition are in the order of their times. */
function splitByTime(partition: Partition, now: number): [Partition, Partition] {
  const { entries, isDone } = partition;
  const [overdue, later] = [
    entries.filter((one) => !isLater(one, now)),
    entries.filter((one) => isLater(one, now)),
  ];
  return [
    { ...partition, entries: overdue, isDone: isDone || later.length > 0 },
    { ...partition, entries: later },
  ];
}

function attention(filter: Parameters<typeof attentionPartitionsOf>[0]): Partition[] {
  return (attentionPartitionsOf(filter) ?? []).map((value) => partitionOf('attention', value));
}

function sampleOf(partitions: Partition[]): Sample {
  const entries = partitions.flatMap((partition) => partition.entries).filter(isActivationItem);
  const flowLogs = entries.map((entry): FlowLogRef => flowLogOfKey(entry));
  return { flowLogs, isCut: partitions.some(({ isDone }) => !isDone) };
}

/** As DynamoDB reckons it, names and values in UTF-8; only a number is a little smaller there. */
function bytesOf(entries: Item[]): number {
  const texts = entries.flatMap((entry) => Object.entries(entry).flat().map(String));
  return Buffer.byteLength(texts.join(''));
}
