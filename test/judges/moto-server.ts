import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './python.ts';

const START_BOUND_MS = 60_000;

/** moto's server on a free port of 127.0.0.1. Rejects with what it printed when it does not start. */
export async function startMoto(bin: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(join(bin, 'moto_server'), ['--host', '127.0.0.1', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithUs(child);
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const printed: string[] = [];
  const listening = new Promise<string>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      if (printed.length < 50) printed.push(line);
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (url) resolve(url);
    });
  });
  const bound = AbortSignal.timeout(START_BOUND_MS);
  const tooLate = new Promise<undefined>((resolve) => {
    bound.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const url = await Promise.race([listening, exited.then(() => undefined), tooLate]);
  if (url === undefined) {
    if (child.exitCode === null) await stop();
    throw new Error(`moto did not start:\n${printed.join('\n')}`);
  }
  return { url, stop };
}
