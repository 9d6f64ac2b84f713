import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

/**
 * Takes the data directory for this process, and resolves to what gives it back. The lock of a process that no
 * longer runs is taken over.
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, 'lock');
  await mkdir(dataDir, { recursive: true });
  while (!(await createExclusively(path))) {
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isRunning(owner)) {
      throw new DataDirInUseError(`The data directory ${dataDir} is in use by process ${owner}.`);
    }
    await rm(path, { force: true });
  }
  return () => rm(path, { force: true });
}

/** A link appears with its content, so that nobody reads a lock without an owner. */
async function createExclusively(path: string): Promise<boolean> {
  const draftPath = `${path}.${process.pid}`;
  await writeFile(draftPath, `${process.pid}\n`);
  try {
    await link(draftPath, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draftPath, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is running, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
