import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { startDynamoDb } from '../../local/cloud/dynamodb-emulator.ts';
import { repairIndexes } from '../../local/cloud/repair-indexes.ts';
import { anActivation, START } from '../support/fakes/activations.ts';
import { startTable } from './start-table.ts';

type Item = Record<string, AttributeValue>;

/** As the table would look to its reader had a kill struck between the index write and the item's own. */
function withGhost(client: DynamoDBClient, ghost: Item): DynamoDBClient {
  let written = false;
  return new Proxy(client, {
    get(target, property) {
      if (property !== 'send') return Reflect.get(target, property);
      return async (command: ScanCommand | PutItemCommand) => {
        const answer = await target.send(command as ScanCommand);
        if (command instanceof PutItemCommand) written = true;
        if (command instanceof ScanCommand && command.input.IndexName === 'due' && !written) {
          return { ...answer, Items: [ghost] };
        }
        return answer;
      };
    },
  });
}

test('an index that agrees with its table is left alone', async () => {
  const { client, tableName: TableName } = await startTable(onTestFinished);
  const item = marshall(toActivationItem(anActivation()), { removeUndefinedValues: true });
  await client.send(new PutItemCommand({ TableName, Item: item }));
  expect(await repairIndexes(client, TableName)).toBe(0);
});

test('an entry that its item never became is written over by the item', async () => {
  const { client, tableName: TableName } = await startTable(onTestFinished);
  const item = marshall(toActivationItem(anActivation()), { removeUndefinedValues: true });
  await client.send(new PutItemCommand({ TableName, Item: item }));
  const ghost = { ...item, version: { N: '5' }, dueAt: { N: String(START + 1) } };
  expect(await repairIndexes(withGhost(client, ghost), TableName)).toBe(1);
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'due',
      KeyConditionExpression: 'dueShard = :shard',
      ExpressionAttributeValues: { ':shard': item.dueShard ?? { S: '' } },
    }),
  );
  const { pk, sk, dueShard, dueAt } = item;
  expect(Items).toEqual([{ pk, sk, dueShard, dueAt }]);
  expect((await client.send(new ScanCommand({ TableName }))).Items).toEqual([item]);
});

test('only after a kill is there anything to look for', async () => {
  const { emulator, dataDir } = await startTable(onTestFinished);
  expect(emulator.wasKilled).toBe(false);
  await emulator.close();
  const again = await startDynamoDb(dataDir);
  expect(again.wasKilled).toBe(false);
  await again.close();
  // What one that was killed leaves behind.
  await writeFile(join(dataDir, 'dynamodb.running'), '');
  const after = await startDynamoDb(dataDir);
  onTestFinished(() => after.close());
  expect(after.wasKilled).toBe(true);
});
