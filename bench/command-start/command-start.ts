import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { buildCommand } from '../../scripts/build-command.ts';
import { CACHE_DIR, PROJECT_DIR } from '../../scripts/osls.ts';
import { defineBench } from '../harness/bench.ts';
import { interleave } from '../harness/interleave.ts';
import { measured, ratio } from '../harness/statistics.ts';
import { withSpread } from '../harness/table.ts';

const CONTENDERS = ['empty', 'client', 'ours'] as const;
type Contender = (typeof CONTENDERS)[number];

const SAME_CLIENT = `
import createClient from 'openapi-fetch';
const api = createClient({ baseUrl: process.env.FLOW_LOG_ACTIVATOR_URL });
const { data } = await api.GET('/activations', { params: { query: { limit: 50 } } });
console.log(data.activations.length);
`;

export const commandStart = defineBench({
  name: 'command-start',
  what: 'the command in a fresh process, against one that makes the same call with the same client and does nothing else',
  sizes: { full: { startsARound: 10 }, quick: { startsARound: 1 } },
  async run({ rounds, sizes: { startsARound }, say }) {
    const dir = join(CACHE_DIR, `bench-command-start-${process.pid}`);
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"activations":[]}'),
    );
    try {
      say('start of the command');
      await buildCommand(join(dir, 'cli'));
      const args: Record<Contender, string[]> = {
        empty: ['-e', '0'],
        client: [await buildSameClient(dir)],
        ours: [join(dir, 'cli/flow-log-activator.mjs'), 'list'],
      };
      const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
      // Fills the compile cache, as the first start does for a user.
      await startProcess(args.ours, url, dir);
      const startsOf = await interleave(CONTENDERS, rounds * startsARound, (contender) =>
        startProcess(args[contender], url, dir),
      );
      const figure = ratio(startsOf('ours'), startsOf('client'));
      return {
        tables: [
          {
            title: 'the command `list` in a fresh process',
            columns: ['process', 'whole ms'],
            rows: [
              ...CONTENDERS.map((name) => [name, withSpread(measured('ms', startsOf(name)))]),
              ['ours ÷ client', withSpread(figure)],
            ],
          },
        ],
        figures: { 'command-start/whole': figure },
        notes: [
          '`empty` is Node with nothing to do. `client` reads the same list with openapi-fetch and prints how long it is; the command parses its arguments, finds the service and draws the table as well. The command keeps a compile cache of Node, which its first start fills: that one is not measured.',
        ],
      };
    } finally {
      await closeServer(server);
      await rm(dir, { recursive: true, force: true });
    }
  },
});

async function buildSameClient(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const source = join(dir, 'same-client.js');
  await writeFile(source, SAME_CLIENT);
  const outfile = join(dir, 'same-client.mjs');
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: PROJECT_DIR,
  });
  return outfile;
}

async function startProcess(args: string[], url: string, dir: string): Promise<number> {
  const startedAt = performance.now();
  const { PATH } = process.env;
  const env = { PATH, TMPDIR: dir, FLOW_LOG_ACTIVATOR_URL: url };
  const node = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [exitCode] = await once(node, 'exit');
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}`);
  return performance.now() - startedAt;
}
