import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckpointStore } from '../../lib/activation/ports.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { InMemoryCheckpointStore } from '../fakes/in-memory-checkpoint-store.ts';
import { startTable } from './start-table.ts';

async function startStore(): Promise<CheckpointStore> {
  const { client, tableName } = await startTable(onTestFinished);
  return createDynamoDbCheckpointStore(client, tableName);
}

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
