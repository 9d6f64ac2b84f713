import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { until } from './world.ts';

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));
/** serverless.yml may have to be compiled first. */
const START_BOUND_MS = 90_000;
const RUN_BOUND_MS = 60_000;

/**
 * The ```sh blocks of a document under one heading of any level, in order, without those of its subsections. Throws
 * when there are more or fewer than names for them.
 */
export async function examplesOf<Name extends string>(
  document: string,
  heading: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const markdown = await readFile(`${PROJECT_DIR}/${document}`, 'utf8');
  const section = markdown.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`));
  const blocks = [...(section ?? '').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, script = '']) => script);
  if (blocks.length !== names.length) throw new Error(`${document}, "${heading}": ${blocks.length} examples`);
  return Object.fromEntries(names.map((name, index) => [name, blocks[index]])) as Record<Name, string>;
}

/** What a block printed. The two streams are apart: how they interleave is nobody's promise. */
type Printed = { stdout: string; stderr: string };

export type Terminal = {
  /** Types a block as it is written. Throws with all it printed when it does not end in time. */
  run(script: string): Promise<Printed>;
};

/** A shell in the project's folder, with nothing of the test in it but the variables given. */
export function openTerminal(variables: Record<string, string>): Terminal {
  const shell = spawn('bash', ['--noprofile', '--norc'], {
    cwd: PROJECT_DIR,
    env: { ...systemVariables(), ...variables },
    stdio: 'pipe',
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  const output = { stdout: readUntilMark(shell.stdout), stderr: readUntilMark(shell.stderr) };
  let blocks = 0;
  return {
    async run(script) {
      blocks += 1;
      const mark = `--- end of block ${blocks}`;
      const ended = Promise.all([output.stdout(mark), output.stderr(mark)]);
      // The shell reads its commands from standard input: a program of the block must not.
      shell.stdin.write(`{\n${script}\n} </dev/null\nprintf %s '${mark}'\nprintf %s '${mark}' >&2\n`);
      const [stdout, stderr] = await ended.catch((error: unknown) => {
        throw new Error(`still running: ${script}`, { cause: error });
      });
      return { stdout, stderr };
    },
  };
}

/** Resolves with all that came before the mark; throws with all that came when the mark does not come in time. */
function readUntilMark(stream: Readable): (mark: string) => Promise<string> {
  let printed = '';
  let onPrinted = () => {};
  stream.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    onPrinted();
  });
  return (mark) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`printed so far: ${printed}`)), RUN_BOUND_MS);
      onPrinted = () => {
        const end = printed.indexOf(mark);
        if (end < 0) return;
        clearTimeout(late);
        resolve(printed.slice(0, end));
        printed = printed.slice(end + mark.length);
      };
      onPrinted();
    });
}

/**
 * Types a block that ends in `npm start`, on a free port and a data directory of its own; resolves with the
 * address of the API once it is up. Stopped at the end of the test.
 */
export async function startAsWritten(script: string): Promise<string> {
  const child = spawn('bash', ['--noprofile', '--norc', '-c', script], {
    cwd: PROJECT_DIR,
    env: { ...systemVariables(), PORT: '0', DATA_DIR: await tempDir() },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(async () => {
    const group = child.pid ?? 0;
    if (!isAlive(group)) return;
    process.kill(-group, 'SIGTERM');
    await until(
      () => isAlive(group),
      (alive) => !alive,
    );
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const started = new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not started: ${lines.join('\n')}`)), START_BOUND_MS);
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        lines.push(line);
        const [, apiUrl] = /"apiUrl":"([^"]+)".*"message":"Started"/.exec(line) ?? [];
        if (apiUrl === undefined) return;
        clearTimeout(late);
        resolve(apiUrl);
      })
      .on('close', () => reject(new Error(`ended before it started: ${lines.join('\n')}`)));
  });
  return started;
}

/** Whether a process of the group is left: a shell ends before what it has started. */
function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

function systemVariables(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }) };
}
