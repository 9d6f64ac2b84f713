import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DataDirInUseError, lockDataDir } from '../../../local/data-dir-lock.ts';
import { tempDir } from '../../support/temp-dir.ts';

const MODULE = new URL('../../../local/data-dir-lock.ts', import.meta.url);

/** Says whether it has the lock, and then lives until it is killed. */
const HOLDER = `
const { lockDataDir } = await import(${JSON.stringify(MODULE.href)});
console.log(await lockDataDir(process.argv[1], 'local').then(() => 'held', (error) => error.name));
setInterval(() => {}, 1000);
`;

let dataDir: string;

beforeEach(async () => {
  dataDir = await tempDir();
});

async function startHolder(directory = dataDir): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => kill(child));
  const [chunk] = await once(child.stdout, 'data');
  return { child, said: String(chunk).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the lock of the data directory', () => {
  it('is refused to a second one, who hears where it is and who has it', async () => {
    await lockDataDir(dataDir, 'local');
    const second = lockDataDir(dataDir, 'local');
    await expect(second).rejects.toThrow(DataDirInUseError);
    await expect(second).rejects.toThrow(`${dataDir} is in use by process ${process.pid} (local) on `);
  });

  it('is refused to another process', async () => {
    await lockDataDir(dataDir, 'local');
    expect((await startHolder()).said).toBe('DataDirInUseError');
  });

  it('can be given back', async () => {
    await (await lockDataDir(dataDir, 'local'))();
    await (await lockDataDir(dataDir, 'local'))();
  });

  it('is one for each role', async () => {
    await lockDataDir(dataDir, 'local');
    await lockDataDir(dataDir, 'cloud');
    await expect(lockDataDir(dataDir, 'cloud')).rejects.toThrow('(cloud)');
  });

  it('is waited for, where the one before is about to end', async () => {
    const unlock = await lockDataDir(dataDir, 'cloud');
    const next = lockDataDir(dataDir, 'cloud', 20_000);
    await unlock();
    await expect(next).resolves.toBeTypeOf('function');
  });

  it.each([
    ['its own process id', `${process.pid}\n`],
    ['the id of another process that runs', `${process.ppid}\n`],
    ['nobody', ''],
  ])('does not ask what an old version has left: %s', async (_whose, content) => {
    await writeFile(join(dataDir, 'lock'), content);
    await expect(lockDataDir(dataDir, 'local')).resolves.toBeTypeOf('function');
  });

  it('says at which path it is impossible', async () => {
    await mkdir(join(dataDir, 'locks/local'), { recursive: true });
    await expect(lockDataDir(dataDir, 'local')).rejects.toThrow(join(dataDir, 'locks/local'));
  });
});

describe('a process that has the lock', { timeout: 60_000 }, () => {
  // Its parent sleeps and never asks how it ended: it stays in the process table, as in a container without an init.
  it.runIf(process.platform === 'linux')(
    'and is killed is succeeded, also while it is a zombie',
    async () => {
      const script = '"$0" --input-type=module -e "$1" "$2" & echo $!; exec sleep 1000';
      const parent = spawn('sh', ['-c', script, process.execPath, HOLDER, dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => kill(parent));
      let output = '';
      parent.stdout.on('data', (chunk) => {
        output += chunk;
      });
      await expect.poll(() => output, { timeout: 20_000 }).toContain('held');
      const pid = Number.parseInt(output, 10);
      process.kill(pid, 'SIGKILL');
      // The process shows as a zombie some moments before its last thread has ended.
      await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8'), { timeout: 20_000 }).toContain(') Z ');
      await expect(lockDataDir(dataDir, 'local', 20_000)).resolves.toBeTypeOf('function');
    },
  );

  it('and is killed is succeeded at once, ten times in a row', async () => {
    for (let time = 0; time < 10; time += 1) {
      const { child, said } = await startHolder();
      expect(said).toBe('held');
      await kill(child);
    }
  });

  it('is the only one of ten that start at once, over what a killed one has left', async () => {
    await kill((await startHolder()).child);
    await writeFile(join(dataDir, 'lock'), '1\n');
    const said = await Promise.all(Array.from({ length: 10 }, async () => (await startHolder()).said));
    expect(said.filter((each) => each === 'held')).toHaveLength(1);
    expect(said.filter((each) => each === 'DataDirInUseError')).toHaveLength(9);
  });
});
