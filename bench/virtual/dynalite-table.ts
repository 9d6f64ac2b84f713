import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../local/cloud/create-tables.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { STACK } from '../../test/support/virtual/deployed.ts';
import { startCountedDynamoDb } from '../counted-dynamodb.ts';
import { RequestCounts } from './request-counts.ts';

/** The template's table on the emulator of the local world; what is asked is counted on the wire. */
export async function startDynaliteTable() {
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-bench-'));
  const server = await startCountedDynamoDb(dataDir);
  const client = new DynamoDBClient({
    region: STACK.region,
    endpoint: server.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTables(client, await compileTemplate(), STACK);
  const created = server.requests.length;

  const execute = (command: unknown): unknown => Reflect.apply(client.send, client, [command]);
  return {
    table: { execute },
    counts(): RequestCounts {
      const counts = new RequestCounts();
      for (const { operation, itemsRead } of server.requests.slice(created)) counts.add(operation, itemsRead);
      return counts;
    },
    async close() {
      client.destroy();
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
