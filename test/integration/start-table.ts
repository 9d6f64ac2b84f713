import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../local/cloud/create-tables.ts';
import { startDynamoDb } from '../../local/cloud/dynamodb-emulator.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The template's table on an emulator of its own; `cleanUp` is handed what ends it, to be run in reverse order. */
export async function startTable(cleanUp: (end: () => Promise<void>) => void) {
  const dataDir = await tempDir(cleanUp);
  const emulator = await startDynamoDb(dataDir);
  cleanUp(() => emulator.close());
  const client = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: emulator.url });
  cleanUp(async () => client.destroy());
  const stack = { stackName: 'test', region: LOCAL_ACCESS.region, accountId: '000000000000' };
  const table = (await createTables(client, await compileTemplate(), stack)).get('ActivationsTable');
  if (table === undefined) throw new Error('the template has no ActivationsTable');
  return { client, tableName: table.ref, emulator, dataDir };
}
