import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { QuotaReader, QuotaStore } from '../../lib/activation/quota/account-quota.ts';
import { FRESH } from '../../lib/activation/quota/quota-state.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { InMemoryQuotaStore } from '../support/fakes/in-memory-quota-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

async function startCounted() {
  const { client, tableName } = await startTable(onTestFinished);
  const metrics = new RecordingMetrics();
  const store = createDynamoDbQuotaStore(client, tableName, { log: new RecordingLog(), metrics });
  return { client, tableName, metrics, store };
}

const startStore = async (): Promise<QuotaStore & QuotaReader> => (await startCounted()).store;

const used = { ...FRESH, usedUntil: 1_767_312_000_000.25, slowedTo: 1 / 64 };

describe.each([
  ['the in-memory fake', async () => new InMemoryQuotaStore()],
  ['DynamoDB', startStore],
] as const)('the quota store: %s', (_name, start) => {
  test('keeps the quota of each account', async () => {
    const store = await start();
    const fresh = await store.read('one');
    expect(fresh.state).toEqual(FRESH);
    expect(await store.write('one', used, fresh.revision)).toBe(true);
    const first = await store.read('one');
    expect(first.state).toEqual(used);
    expect((await store.read('other')).state).toEqual(FRESH);
    expect(await store.write('one', FRESH, first.revision)).toBe(true);
    expect((await store.read('one')).state).toEqual(FRESH);
  });

  test('reads the quotas of many accounts, those that there are', async () => {
    const store = await start();
    await store.write('one', used, (await store.read('one')).revision);
    await store.write('two', FRESH, (await store.read('two')).revision);
    const read = await store.readMany(['one', 'none', 'two']);
    expect([...read].sort()).toEqual([
      ['one', used],
      ['two', FRESH],
    ]);
  });

  test('keeps a pause, and forgets it when it has ended', async () => {
    const store = await start();
    const paused = { ...used, pausedAt: 1_767_312_000_000, pausedBy: 'alice', pausedWhy: 'OPS-42' };
    await store.write('one', paused, (await store.read('one')).revision);
    const first = await store.read('one');
    expect(first.state).toEqual(paused);
    const resumed = { ...paused, pausedAt: undefined, pausedBy: undefined, pausedWhy: undefined };
    await store.write('one', resumed, first.revision);
    expect((await store.read('one')).state).toEqual(used);
  });

  test('keeps where DescribeFlowLogs is refused and which runs were skipped, and forgets it afterwards', async () => {
    const store = await start();
    const refusal = { since: 1_767_312_000_000, at: 1_767_312_060_000, code: 'AccessDenied' };
    const skippedRuns = { nightly: 1_767_312_000_000 };
    const refused = { ...used, refusals: { 'cn-beijing': refusal }, skippedRuns };
    await store.write('one', refused, (await store.read('one')).revision);
    const first = await store.read('one');
    expect(first.state).toEqual(refused);
    await store.write('one', { ...refused, refusals: undefined, skippedRuns: undefined }, first.revision);
    expect((await store.read('one')).state).toEqual(used);
  });

  test.each([
    ['the first', 0],
    ['a later', 2],
  ])('of two that write at once one is refused: %s write', async (_which, writesBefore) => {
    const store = await start();
    for (let write = 0; write < writesBefore; write += 1) {
      await store.write('one', FRESH, (await store.read('one')).revision);
    }
    const [one, other] = [await store.read('one'), await store.read('one')];
    expect(await store.write('one', used, one.revision)).toBe(true);
    expect(await store.write('one', FRESH, other.revision)).toBe(false);
    expect((await store.read('one')).state).toEqual(used);
  });
});

const readable = { ...used, version: 7 };
test.each([
  ['a time that is a text', { ...readable, usedUntil: 'soon' }],
  ['no speed', { ...readable, slowedTo: 0 }],
  ['a speed over the full one', { ...readable, slowedTo: 2 }],
  ['a version that is a text', { ...readable, usedUntil: 'soon', version: 'seven' }],
  ['a version that is a fraction', { ...readable, usedUntil: 'soon', version: 1.5 }],
  ['nothing but its key', {}],
])('DynamoDB: an item with %s counts as a fresh quota, and is replaced', async (_what, item) => {
  const { client, tableName, metrics, store } = await startCounted();
  const foreign = { pk: 'Q#one', sk: '0', ...item };
  await client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(foreign) }));
  const found = await store.read('one');
  expect(found.state).toEqual(FRESH);
  expect(metrics.counts.get('UnreadableItems')).toBe(1);
  expect(await store.write('one', used, found.revision)).toBe(true);
  expect((await store.read('one')).state).toEqual(used);
});

test('DynamoDB: what is unreadable of a refusal is left out', async () => {
  const { client, tableName, store } = await startCounted();
  const item = { pk: 'Q#one', sk: '0', ...readable, refusals: { 'cn-beijing': 'AccessDenied' } };
  await client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(item) }));
  expect((await store.read('one')).state).toEqual(used);
});

test('DynamoDB: an unreadable quota keeps its pause', async () => {
  const { client, tableName, store } = await startCounted();
  const pause = { pausedAt: 1_767_312_000_000, pausedBy: 'alice' };
  const item = { pk: 'Q#one', sk: '0', ...readable, usedUntil: 'soon', ...pause };
  await client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(item) }));
  expect((await store.read('one')).state).toEqual({ ...FRESH, ...pause });
});
