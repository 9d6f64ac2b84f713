import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { listenOnLoopback } from '../loopback-server.ts';
import type { Emulator } from './emulator.ts';

/** DynamoDB on disk in `dataDir/dynamodb`: tables and items are there again at the next start. */
export async function startDynamoDb(dataDir: string): Promise<Emulator> {
  const path = join(dataDir, 'dynamodb');
  await mkdir(path, { recursive: true });
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      // The callback, unlike the `close` event, waits for the database to be closed.
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
