import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_DIR } from '../../scripts/osls.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const CACHE_DIR = join(PROJECT_DIR, 'node_modules/.cache/judges');

/**
 * The `bin` directory of a virtual environment with exactly what requirements.txt names, made with the machine's python3
 * (3.11 or newer) and kept until that file changes. Throws when it cannot be made.
 */
export async function pythonTools(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(REQUIREMENTS));
  const directory = join(CACHE_DIR, hash.digest('hex').slice(0, 16));
  const isWhole = join(directory, 'whole');
  const isThere = await access(isWhole).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    // One that was interrupted, perhaps.
    await rm(directory, { recursive: true, force: true });
    await mkdir(dirname(directory), { recursive: true });
    await run('python3', ['-m', 'venv', directory]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run(join(directory, 'bin/python'), [...pip, '--requirement', REQUIREMENTS]);
    await writeFile(isWhole, '');
  }
  return join(directory, 'bin');
}

/** Throws unless it ends with 0. What the program prints is printed. */
export async function run(
  command: string,
  args: string[],
  { cwd = PROJECT_DIR }: { cwd?: string } = {},
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd });
  const code = await new Promise<number>((resolve, reject) => {
    endWithUs(child);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

/** A process that is ended outlives nothing of what it has started. */
export function endWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
