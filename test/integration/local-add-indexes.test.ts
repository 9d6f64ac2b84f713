import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { currentKey } from '../../lib/aws/item-key.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { createTables, tableDefinitions } from '../../local/cloud/create-tables.ts';
import { startDynamoDb } from '../../local/cloud/dynamodb-emulator.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { aCompletedActivation, aFailedActivation } from '../support/builders/activations.ts';
import { START } from '../support/fakes/activations.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startTable } from './start-table.ts';

const stack = { stackName: 'test', region: LOCAL_ACCESS.region, accountId: '000000000000' };

/** The template as version 0.5 had it. */
async function earlierTemplate() {
  const template = structuredClone(await compileTemplate());
  const { Properties = {} } = template.Resources.ActivationsTable ?? {};
  const { GlobalSecondaryIndexes = [], AttributeDefinitions = [] } = Properties as Record<string, object[]>;
  Object.assign(Properties, {
    GlobalSecondaryIndexes: GlobalSecondaryIndexes.filter((one) => !Object.values(one).includes('attention')),
    AttributeDefinitions: AttributeDefinitions.filter((one) => !Object.values(one).includes('attention')),
  });
  return template;
}

test('a data directory of an earlier version gets the new index, and keeps its items', async () => {
  const dataDir = await tempDir(onTestFinished);
  const open = async (tables: Parameters<typeof startDynamoDb>[1] = []) => {
    const emulator = await startDynamoDb(dataDir, tables);
    const client = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: emulator.url });
    return { client, close: () => emulator.close() };
  };
  const earlier = await open();
  const tables = await createTables(earlier.client, await earlierTemplate(), stack);
  const TableName = tables.get('ActivationsTable')?.ref ?? '';
  const activation = aFailedActivation('frozen');
  const { attention: _, ...item } = toActivationItem(activation);
  await earlier.client.send(new PutItemCommand({ TableName, Item: toAttributes(item) }));
  await earlier.close();

  const template = await compileTemplate();
  const { client, close } = await open([...tableDefinitions(template, stack).values()]);
  onTestFinished(close);
  await createTables(client, template, stack);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toContain('attention');
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };
  const store = createDynamoDbActivationStore(client, TableName, telemetry);
  const found = await store.readCurrent(activation);
  expect(found).toMatchObject({ status: 'failed', createdAt: START });
  const listed = async () => (await store.list({ reason: 'frozen', limit: 10 })).activations;
  expect(await listed()).toEqual([]);
  // Its next write brings it into the index.
  expect(found && (await store.transition(found, found))).toBe(true);
  expect(await listed()).toHaveLength(1);
});

test('an item that an earlier version has left in the index leaves it with its next write', async () => {
  const { client, tableName: TableName } = await startTable(onTestFinished);
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };
  const store = createDynamoDbActivationStore(client, TableName, telemetry);
  const activation = aCompletedActivation();
  const left = { ...toActivationItem(activation), attention: 'held' };
  await client.send(new PutItemCommand({ TableName, Item: toAttributes(left) }));
  expect(await store.transition(activation, activation)).toBe(true);
  const { pk, sk } = currentKey(activation);
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: toAttributes({ pk, sk }) }));
  expect(Item).toMatchObject({ status: { S: 'completed' }, version: { N: '2' } });
  expect(Item).not.toHaveProperty('attention');
});
