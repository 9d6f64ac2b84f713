import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckpointStore } from '../../lib/activation/model/ports.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { InMemoryCheckpointStore } from '../support/fakes/in-memory-checkpoint-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

async function startTelling() {
  const { client, tableName } = await startTable(onTestFinished);
  const metrics = new RecordingMetrics();
  const store = createDynamoDbCheckpointStore(client, tableName, { log: new RecordingLog(), metrics });
  return { client, tableName, metrics, store };
}

const startStore = async (): Promise<CheckpointStore> => (await startTelling()).store;

describe.each([
  ['the in-memory fake', async () => new InMemoryCheckpointStore()],
  ['DynamoDB', startStore],
] as const)('the checkpoint store: %s', (_name, start) => {
  test('keeps the cursor of each walk, until its end', async () => {
    const store = await start();
    const none = await store.read('walk');
    expect(none).toEqual({ version: 0 });
    expect(await store.save('walk', none, 'here')).toBe(true);
    const first = await store.read('walk');
    expect(first).toEqual({ cursor: 'here', version: 1 });
    expect(await store.read('other')).toEqual({ version: 0 });
    expect(await store.save('walk', first, undefined)).toBe(true);
    expect(await store.read('walk')).toEqual({ version: 2 });
  });

  test('of two walks at once the first to stop counts', async () => {
    const store = await start();
    const [one, other] = [await store.read('walk'), await store.read('walk')];
    expect(await store.save('walk', one, 'first')).toBe(true);
    expect(await store.save('walk', other, 'second')).toBe(false);
    expect(await store.read('walk')).toMatchObject({ cursor: 'first' });
  });
});

test('DynamoDB: one that another version has written is a beginning, and is replaced', async () => {
  const { client, tableName, metrics, store } = await startTelling();
  const foreign = { pk: 'C#walk', sk: '0', cursor: { bucket: 1 }, version: 7 };
  await client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(foreign) }));
  const found = await store.read('walk');
  expect(found).toEqual({ version: 7 });
  expect(metrics.counts.get('UnreadableItems')).toBe(1);
  expect(await store.save('walk', found, 'here')).toBe(true);
  expect(await store.read('walk')).toEqual({ cursor: 'here', version: 8 });
});
