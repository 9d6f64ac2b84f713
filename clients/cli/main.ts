#!/usr/bin/env node
import * as module from 'node:module';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

/** Put in by the bundler. */
declare const COMMAND_VERSION: string;

/** The entry of the command. Node's compile cache (22 and later) makes the second start quicker. */
if ('enableCompileCache' in module) module.enableCompileCache();
const { run } = await import('./run.ts');

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('interrupted')));
// The reader of a pipe may end first, such as `head`.
process.stdout.on('error', () => process.exit());

const { stdin, stdout, stderr, env } = process;

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  return lines.question(question, { signal: stop.signal }).finally(() => lines.close());
}

process.exitCode = await run(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  signal: stop.signal,
  ...(stdin.isTTY && stderr.isTTY && { ask }),
  version: COMMAND_VERSION,
  // From the bundle, cli/flow-log-activator.mjs.
  packageDir: fileURLToPath(new URL('..', import.meta.url)),
});
