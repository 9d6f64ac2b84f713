import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { printable } from '../clients/terminal/printable.ts';

export class DataDirError extends Error {
  override name = 'DataDirError';
}

/**
 * Creates the directory, and those above it, unless it is there.
 * @throws DataDirError
 */
export async function createDataDir(dataDir: string): Promise<void> {
  try {
    await createDirectory(dataDir);
  } catch (error) {
    throw unusableDataDir(dataDir, error);
  }
}

/** The error with its reason and a remedy. */
export function unusableDataDir(dataDir: string, error: unknown): DataDirError {
  const reason = printable(error instanceof Error ? error.message : String(error));
  return new DataDirError(
    `The data directory ${printable(dataDir)} cannot be used: ${reason}. Set DATA_DIR to a directory that this user may write to.`,
  );
}

/**
 * Creates the directory, and those above it, unless it is there. It does not use `mkdir` with `recursive`,
 * which never returns under /proc. Throws an Error that names the path that is in the way.
 */
export async function createDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found) throw new Error(`${path} is not a directory`);
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink()) throw new Error(`${path} is a link that leads to no directory`);
  if (dirname(path) !== path) await createDirectory(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Another process may have created it.
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  });
}

class UnreadableDataError extends Error {
  override name = 'UnreadableDataError';
}

/** Runs `read` for a file or folder of the data directory. Throws UnreadableDataError, which names the path. */
export async function readData<Data>(path: string, read: () => Promise<Data>): Promise<Data> {
  try {
    return await read();
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const reason = printable(cause instanceof Error ? cause.message : message);
    throw new UnreadableDataError(
      `${printable(path)} cannot be read: ${reason}. If it is damaged, put a copy of it back, or move it away: the next start then begins without it.`,
    );
  }
}
