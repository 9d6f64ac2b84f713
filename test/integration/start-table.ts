import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../local/cloud/create-tables.ts';
import { startDynamoDb } from '../../local/cloud/dynamodb-emulator.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';

const REGION = 'us-east-1';

/** The template's table on an emulator of its own; `cleanUp` is handed what ends it, to be run in reverse order. */
export async function startTable(cleanUp: (end: () => Promise<void>) => unknown) {
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-table-'));
  cleanUp(() => rm(dataDir, { recursive: true, force: true }));
  const emulator = await startDynamoDb(dataDir);
  cleanUp(() => emulator.close());
  const client = new DynamoDBClient({
    region: REGION,
    endpoint: emulator.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  cleanUp(async () => client.destroy());
  const stack = { stackName: 'test', region: REGION, accountId: '000000000000' };
  const table = (await createTables(client, await compileTemplate(), stack)).get('ActivationsTable');
  if (table === undefined) throw new Error('the template has no ActivationsTable');
  return { client, tableName: table.ref, emulator, dataDir };
}
