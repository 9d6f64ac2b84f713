import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../clients/terminal/printable.ts';
import { createDirectory } from './data-dir.ts';

export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

/** The processes of a local world, each with a lock of its own. */
type Role = 'local' | 'cloud' | 'functions';

const RETRY_EVERY_MS = 50;
/** https://sqlite.org/rescode.html: another connection has the lock. */
const SQLITE_BUSY = 5;

/** Keeps open connections reachable: a collected connection would be closed and lose its lock. */
const held = new Set<DatabaseSync>();

/**
 * Locks a role in the data directory for this process, and resolves to a function that unlocks it. Waits up to `waitMs`
 * for another process that has the lock. It is SQLite's lock on an empty file (fcntl, Linux and macOS). The kernel frees
 * it when the process ends in any way. So it does not depend on process ids, and of many starters exactly one gets it.
 * The file is never deleted, because two processes could then get the lock. Only local file systems lock reliably.
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string, role: Role, waitMs = 0): Promise<() => Promise<void>> {
  const path = join(dataDir, 'locks', role);
  const ownerPath = `${path}.owner`;
  await createDirectory(join(dataDir, 'locks'));
  const giveUpAt = Date.now() + waitMs;
  let lock = tryLock(path);
  while (lock === undefined) {
    if (Date.now() >= giveUpAt) {
      const owner = await readFile(ownerPath, 'utf8').catch(() => '');
      throw new DataDirInUseError(
        `The data directory ${printable(dataDir)} is in use by ${printable(owner) || 'another process'}.`,
      );
    }
    await sleep(RETRY_EVERY_MS);
    lock = tryLock(path);
  }
  const database = lock;
  held.add(database);
  // Only for people to read: the lock does not need it.
  await writeFile(ownerPath, `process ${process.pid} (${role}) on ${hostname()}`).catch(() => {});
  return async () => {
    await rm(ownerPath, { force: true });
    held.delete(database);
    database.close();
  };
}

/**
 * Returns undefined while another process has the lock. It uses SQLite's RESERVED lock: of several processes that ask at
 * the same time, one gets it. The EXCLUSIVE lock could be refused to all of them. The file is never written or read.
 */
function tryLock(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // A journal in memory leaves no file that the next starter would have to roll back.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw new Error(`There can be no lock at ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
