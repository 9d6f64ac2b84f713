import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { readCommandLine } from '../clients/terminal/command-line.ts';
import { integer } from '../clients/terminal/program.ts';
import { closeServer, listenOnLoopback } from '../local/loopback-server.ts';
import { buildCommand } from '../scripts/build-command.ts';
import { CACHE_DIR, PROJECT_DIR } from '../scripts/osls.ts';
import { interleave } from './harness/interleave.ts';
import { measured, ratio } from './harness/statistics.ts';
import { withSpread } from './harness/table.ts';

const { values } = readCommandLine({
  command: 'node bench/command-start.ts',
  about: `Starts the command in fresh processes, against a process that makes the same call with openapi-fetch and does nothing
else. Prints the time of each, and the ratio.`,
  options: { rounds: integer({ help: 'starts of each', from: 3, to: 1_000, fallback: 30 }) },
  examples: [''],
});

const SAME_CLIENT = `
import createClient from 'openapi-fetch';
const api = createClient({ baseUrl: process.env.FLOW_LOG_ACTIVATOR_URL });
const { data } = await api.GET('/activations', { params: { query: { limit: 50 } } });
console.log(data.activations.length);
`;

const dir = join(CACHE_DIR, `bench-command-start-${process.pid}`);
const server = createServer((_request, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"activations":[]}'),
);
try {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'same-client.js'), SAME_CLIENT);
  const sameClient = join(dir, 'same-client.mjs');
  await build({
    entryPoints: [join(dir, 'same-client.js')],
    outfile: sameClient,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: PROJECT_DIR,
  });
  await buildCommand(join(dir, 'cli'));
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  const command = join(dir, 'cli/flow-log-activator.mjs');
  const modules = { node: ['-e', '0'], sameClient: [sameClient], command: [command, 'list'] };
  const start = (name: keyof typeof modules) => startProcess(modules[name], url);
  // Fills the compile cache, as the first start does for a user.
  await start('command');
  const startsOf = await interleave(['node', 'sameClient', 'command'] as const, values.rounds, start);
  for (const name of ['node', 'sameClient', 'command'] as const) {
    console.log(`${name.padEnd(11)} ${withSpread(measured('ms', startsOf(name)))} ms`);
  }
  console.log(`command ÷ sameClient ${withSpread(ratio(startsOf('command'), startsOf('sameClient')))}`);
} finally {
  await closeServer(server);
  await rm(dir, { recursive: true, force: true });
}

async function startProcess(args: string[], url: string): Promise<number> {
  const startedAt = performance.now();
  const { PATH, TMPDIR } = process.env;
  const env = { PATH, TMPDIR, FLOW_LOG_ACTIVATOR_URL: url };
  const node = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [exitCode] = await once(node, 'exit');
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}`);
  return performance.now() - startedAt;
}
