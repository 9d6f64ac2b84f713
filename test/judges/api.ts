import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { integer } from '../../clients/terminal/program.ts';
import { requestActivations } from '../../local/demo/observe.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { startLocalWorld } from '../../local/world.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { pythonTools, run } from './python.ts';

const { values } = readCommandLine({
  command: 'npm run judge:api',
  about: `Has Schemathesis (https://schemathesis.readthedocs.io) send what contracts/openapi.json allows, and what it does not,
to the running API, and hold each answer to it. Fails at a 5xx and at whatever is not documented. Needs python3, and
PyPI the first time.`,
  options: {
    seed: integer({ help: 'the same seed sends the same', from: 0, to: 2 ** 31 - 1, fallback: 1 }),
    examples: integer({ help: 'for each operation and phase', from: 1, to: 10_000, fallback: 40 }),
  },
  examples: ['', '--seed 7 --examples 500'],
});

/**
 * Some rules no schema tells: a cursor is one of this list. 422 is documented. And what DELETE cancels or aborts can be
 * read afterwards.
 */
const UNFIT_CHECKS = 'positive_data_acceptance,use_after_free';
const FLOW_LOG = 'fl-judged';
const SOURCE = { scheme: 'github', secrets: ['a secret of this judge'], select: { flowLogIds: 'ids' } };

const parameter = v.looseObject({ name: v.string(), schema: v.looseObject({}) });
const operation = v.looseObject({ parameters: v.optional(v.array(parameter)) });
const openapi = v.looseObject({ paths: v.record(v.string(), v.record(v.string(), operation)) });

/** As it is served on loopback, where nobody signs; its parameters are often those of something that is there. */
async function documentOf(known: Record<string, string>) {
  const text = await readFile(join(PROJECT_DIR, 'contracts/openapi.json'), 'utf8');
  const document = v.parse(openapi, JSON.parse(text));
  delete document.security;
  for (const path of Object.values(document.paths)) {
    for (const { parameters = [] } of Object.values(path)) {
      for (const one of parameters) {
        const value = known[one.name];
        if (value !== undefined) one.schema = { anyOf: [{ const: value }, one.schema] };
      }
    }
  }
  return document;
}

async function startOperation(apiUrl: string): Promise<string> {
  const response = await fetch(`${apiUrl}/operations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'redrive', filter: { all: true } }),
  });
  return v.parse(v.object({ operationId: v.string() }), await response.json()).operationId;
}

async function main(directory: string): Promise<void> {
  const bin = await pythonTools();
  const world = await startLocalWorld({
    port: 0,
    dataDir: join(directory, 'data'),
    env: {
      RATE_LIMIT_PER_SECOND: '1000',
      POLL_TICK_MS: '1000',
      WEBHOOK_SOURCES: JSON.stringify({ github: SOURCE }),
    },
    fake: { autoCreate: { pattern: '*' } },
  });
  try {
    const batchId = await requestActivations(world.apiUrl, [FLOW_LOG]);
    const activationId = ['default', 'cn-beijing', FLOW_LOG, batchId].join('.');
    const document = await documentOf({
      activationId,
      batchId,
      operationId: await startOperation(world.apiUrl),
      flowLogId: FLOW_LOG,
      source: 'github',
      alias: 'default',
    });
    const path = join(directory, 'openapi.json');
    await writeFile(path, JSON.stringify(document));
    await run(
      join(bin, 'schemathesis'),
      [
        ...['run', path, '--url', world.apiUrl, '--no-color', '--warnings', 'off'],
        ...['--checks', 'all', '--exclude-checks', UNFIT_CHECKS, '--generation-database', 'none'],
        ...['--seed', String(values.seed), '--max-examples', String(values.examples)],
      ],
      { cwd: directory },
    );
  } finally {
    await world.stop();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-api-'));
onStopSignal((signal) => endInterrupted(signal, directory));
await main(directory).catch(reportFailure);
await rm(directory, { recursive: true, force: true });
