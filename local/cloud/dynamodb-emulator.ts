import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { Level } from 'level';
import { createDirectory, readData } from '../data-dir.ts';
import { closeServer, listenOnLoopback } from '../loopback-server.ts';
import { addIndexes } from './add-indexes.ts';
import type { TableDefinition } from './create-tables.ts';
import type { Emulator } from './emulator.ts';

/**
 * Starts DynamoDB on disk in `dataDir/dynamodb`. Tables and items survive a restart. A table that is kept gets the
 * indexes that its definition in `tables` has and it lacks.
 * `wasKilled`: the previous process was killed, so indexes may differ from their table.
 */
export async function startDynamoDb(
  dataDir: string,
  tables: readonly TableDefinition[] = [],
): Promise<Emulator & { wasKilled: boolean }> {
  const path = join(dataDir, 'dynamodb');
  const running = join(dataDir, 'dynamodb.running');
  await readData(path, () => readAll(path, tables));
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

/** Creates the store, or reads all its records: dynalite would end the process at the first unreadable one. */
async function readAll(path: string, tables: readonly TableDefinition[]): Promise<void> {
  await createDirectory(path);
  const store = new Level<string, unknown>(path, { valueEncoding: 'json' });
  try {
    await store.open();
    for await (const _record of store.iterator());
    await addIndexes(store, tables);
  } finally {
    await store.close();
  }
  // LevelDB drops the writes that it cannot read, and reports this only in its own log.
  const dropped = (await readFile(join(path, 'LOG'), 'utf8')).match(/^.*dropping \d+ bytes.*$/gm) ?? [];
  for (const line of dropped)
    console.error(`${path} was damaged, and what could not be read is lost: ${line}`);
}
