import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { closeServer, listenOnLoopback } from '../loopback-server.ts';
import type { Emulator } from './emulator.ts';

/**
 * DynamoDB on disk in `dataDir/dynamodb`: tables and items are there again at the next start.
 * `wasKilled`: the last one there did not end in order, and may have left indexes that differ from their table.
 */
export async function startDynamoDb(dataDir: string): Promise<Emulator & { wasKilled: boolean }> {
  const path = join(dataDir, 'dynamodb');
  const running = join(dataDir, 'dynamodb.running');
  await mkdir(path, { recursive: true });
  const wasKilled = await access(running).then(
    () => true,
    () => false,
  );
  await writeFile(running, '');
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    wasKilled,
    async close() {
      await closeServer(server);
      await rm(running, { force: true });
    },
  };
}
