import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { decideDrift } from '../../lib/activation/drift/drift.ts';
import type { Activation } from '../../lib/activation/model/activation.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { createAttentionBackfill } from '../../lib/aws/attention-backfill.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { currentKey } from '../../lib/aws/item-key.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { aCompletedActivation, aFailedActivation, published } from '../support/builders/activations.ts';
import { anActivation, START } from '../support/fakes/activations.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const inactive = { flowLogId: 'fl', status: 'Inactive', locked: false };
let unique = 0;
const identity = () => {
  const flowLogId = `fl-${++unique}`;
  return { flowLogId, activationId: anActivation({ flowLogId }).activationId, createdAt: START + unique };
};

async function start() {
  const { client, tableName: TableName } = await startTable(onTestFinished);
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };
  const store = createDynamoDbActivationStore(client, TableName, telemetry);
  const checkpoints = createDynamoDbCheckpointStore(client, TableName, telemetry);
  const backfill = () =>
    createAttentionBackfill({ client, tableName: TableName, store, checkpoints, log: telemetry.log });
  /** Writes an item as version 0.5 does. */
  const put = async (activation: Activation) => {
    const { attention: _, ...item } = toActivationItem(activation);
    await client.send(new PutItemCommand({ TableName, Item: toAttributes(item) }));
    return activation;
  };
  const idsOf = async (filter: Partial<Parameters<typeof store.list>[0]>) => {
    const { activations } = await store.list({ limit: 1_000, ...filter });
    return activations.map(({ flowLogId }) => flowLogId).sort();
  };
  const isDone = async () => (await checkpoints.read('attention')).cursor === 'done ';
  return { client, TableName, store, checkpoints, backfill, put, idsOf, isDone };
}

test('what failed or drifted before the index was there gets into it, page after page, once', async () => {
  const { checkpoints, backfill, put, idsOf, isDone, client, TableName } = await start();
  const failed = Array.from({ length: 250 }, () => published(aFailedActivation('frozen', identity())));
  await mapConcurrently(failed, 32, put);
  const drifted = await put(
    published(decideDrift(published(aCompletedActivation(identity())), inactive, START)),
  );
  await put(published(aCompletedActivation(identity())));
  await put(anActivation(identity()));
  await put({ ...published(aFailedActivation('deleting', identity())), archived: true });
  expect(await idsOf({ reason: 'frozen' })).toEqual([]);

  let calls = 0;
  for (; !(await isDone()) && calls < 10; calls += 1) await backfill()();
  expect(calls).toBeGreaterThan(2);
  expect(await idsOf({ reason: 'frozen' })).toEqual(failed.map(({ flowLogId }) => flowLogId).sort());
  expect(await idsOf({ drift: true })).toEqual([drifted.flowLogId]);
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: toAttributes(currentKey(drifted)) }),
  );
  expect(Item).toMatchObject({
    version: { N: String(drifted.version) },
    attention: { S: 'drifted#inactive' },
  });

  const { version } = await checkpoints.read('attention');
  await backfill()();
  expect((await checkpoints.read('attention')).version).toBe(version);
});

test('an item that somebody has written since is left as it is', async () => {
  const { store, backfill, put, idsOf } = await start();
  const failed = await put(published(aFailedActivation('frozen', identity())));
  const list = store.list.bind(store);
  store.list = async (query) => {
    const page = await list(query);
    store.list = list;
    const redriven = { ...failed, status: 'queued' as const, generation: 2, reason: undefined };
    expect(await store.transition(failed, redriven)).toBe(true);
    return page;
  };
  await backfill()();
  expect(await store.readCurrent(failed)).toMatchObject({ status: 'queued', version: failed.version + 1 });
  expect(await idsOf({ reason: 'frozen' })).toEqual([]);
});
