import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from '../../../local/data-dir-lock.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lock-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('lockDataDir', () => {
  it('refuses a directory in use and names its owner', async () => {
    await lockDataDir(dataDir);
    const second = lockDataDir(dataDir);
    await expect(second).rejects.toThrow(DataDirInUseError);
    await expect(second).rejects.toThrow(`process ${process.pid}`);
  });

  it('gives it back, and leaves nothing behind', async () => {
    const unlock = await lockDataDir(dataDir);
    await unlock();
    expect(await readdir(dataDir)).toEqual([]);
    await (await lockDataDir(dataDir))();
  });

  it('takes over the lock of a process that has ended', async () => {
    const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(ended, 'exit');
    await writeFile(join(dataDir, 'lock'), `${ended.pid}\n`);
    await expect(lockDataDir(dataDir)).resolves.toBeTypeOf('function');
  });

  it('takes over a lock that names no process', async () => {
    await writeFile(join(dataDir, 'lock'), 'nobody');
    await expect(lockDataDir(dataDir)).resolves.toBeTypeOf('function');
  });
});
