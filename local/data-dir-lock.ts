import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../scripts/printable.ts';
import { createDirectory } from './data-dir.ts';

export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

/** The processes of a local world, each with a lock of its own. */
type Role = 'local' | 'cloud' | 'functions';

const RETRY_EVERY_MS = 50;
/** https://sqlite.org/rescode.html: another connection has the lock. */
const SQLITE_BUSY = 5;

/** What is collected as garbage is closed, and its lock is gone. */
const held = new Set<DatabaseSync>();

/**
 * Takes a role in the data directory for this process, and resolves to what gives it back. Waits up to `waitMs` for
 * whoever has it. The lock is SQLite's on an empty file (fcntl, Linux and macOS): the kernel frees it when the process
 * ends in any way, so it says nothing about process ids, and one of many starters has it. The file stays: to delete it
 * would let two in. Only local file systems are sure to lock.
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
  // For people only: a lock without an owner is as good.
  await writeFile(ownerPath, `process ${process.pid} (${role}) on ${hostname()}`).catch(() => {});
  return async () => {
    await rm(ownerPath, { force: true });
    held.delete(database);
    database.close();
  };
}

/**
 * Undefined while another has the lock. Of several that ask for SQLite's RESERVED lock at once one has it, while its
 * EXCLUSIVE lock may be refused to all of them. Nothing is ever written to the file, or read from it.
 */
function tryLock(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // With a journal in memory there is no file of it, which the next starter would have to roll back.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw new Error(`There can be no lock at ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
