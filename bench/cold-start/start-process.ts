import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

export type ColdStart = { wholeMs: number; importMs: number; cpuMs: number };

const Said = v.pipe(v.string(), v.parseJson(), v.object({ importMs: v.number(), cpuMs: v.number() }));
const RUNNER = fileURLToPath(new URL('./import-once.mjs', import.meta.url));

/** A fresh Node imports the module and ends: from before it is started until it is gone. */
export async function startProcess(module: string, env: NodeJS.ProcessEnv = {}): Promise<ColdStart> {
  const startedAt = performance.now();
  const node = spawn(process.execPath, [RUNNER, module], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [exitCode]] = await Promise.all([text(node.stdout), once(node, 'exit')]);
  const wholeMs = performance.now() - startedAt;
  if (exitCode !== 0) throw new Error(`${module} could not be imported`);
  return { wholeMs, ...v.parse(Said, said) };
}
