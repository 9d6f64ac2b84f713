import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { integer } from '../../clients/terminal/program.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { startLocalWorld } from '../../local/world.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { type KnownValues, POLICIES, prepareData, WEBHOOK_SOURCES } from './api-data.ts';
import { pythonTools, run } from './python.ts';

const { values } = readCommandLine({
  command: 'npm run judge:api',
  about: `Has Schemathesis (https://schemathesis.readthedocs.io) send what contracts/openapi.json allows, and what it does not,
to the running API, and hold each answer to it. Fails at a 5xx, at whatever is not documented, and at a warning. Needs python3, and
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
/** The schemas of what is sent. */
const REQUESTS = ['ActivationRequest', 'BatchRequest', 'Selector', 'OperationRequest'];

const parameter = v.looseObject({ name: v.string(), schema: v.looseObject({}) });
const media = v.looseObject({
  examples: v.optional(v.record(v.string(), v.looseObject({ value: v.unknown() }))),
});
const operation = v.looseObject({
  parameters: v.optional(v.array(parameter)),
  requestBody: v.optional(v.looseObject({ content: v.record(v.string(), media) })),
});
const openapi = v.looseObject({
  paths: v.record(v.string(), v.record(v.string(), operation)),
  components: v.looseObject({
    schemas: v.record(
      v.string(),
      v.looseObject({ properties: v.optional(v.record(v.string(), v.looseObject({}))) }),
    ),
  }),
});

/**
 * The contract as it is served on loopback, where nobody signs. Parameters and fields are often those of something that
 * is there. Nobody sends an idempotency key: the judge repeats its keys with other bodies, and that is a mistake.
 */
async function documentOf({ everywhere, ofRoute }: KnownValues) {
  const text = await readFile(join(PROJECT_DIR, 'contracts/openapi.json'), 'utf8');
  const document = v.parse(openapi, JSON.parse(text));
  delete document.security;
  sendOtherIds(document, '/deactivations', 'off');
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { parameters = [], requestBody } = operation;
      const known = { ...everywhere, ...ofRoute[`${method.toUpperCase()} ${path}`] };
      operation.parameters = parameters.filter(({ name }) => name !== 'Idempotency-Key');
      for (const one of operation.parameters) {
        const value = known[one.name];
        if (value !== undefined) Object.assign(one, { example: value, schema: orKnown(one.schema, value) });
      }
      for (const { examples = {} } of Object.values(requestBody?.content ?? {})) {
        for (const example of Object.values(examples)) example.value = withKnown(example.value, known);
      }
    }
  }
  for (const name of REQUESTS) {
    const { properties = {} } = document.components.schemas[name] ?? {};
    for (const [field, schema] of Object.entries(properties)) {
      const value = everywhere[field];
      if (value !== undefined) properties[field] = orKnown(schema, value);
    }
  }
  return document;
}

/**
 * A route that is asked for flow logs with this prefix only. One flow log asked for in both directions is answered 409 for
 * as long as the first is open, so that all that the judge sends could be refused.
 */
function sendOtherIds(document: v.InferOutput<typeof openapi>, path: string, prefix: string): void {
  const content = document.paths[path]?.post?.requestBody?.content['application/json'];
  const common = document.components.schemas.ActivationRequest;
  if (content === undefined || common === undefined) throw new Error(`no request of ${path} in the contract`);
  const request = structuredClone(common);
  const items = { type: 'string', pattern: `^${prefix}-[A-Za-z0-9-]{1,60}$` };
  Object.assign(request.properties?.flowLogIds ?? {}, { items });
  Object.assign(content, { schema: request, examples: { one: { value: { flowLogIds: [`${prefix}-1`] } } } });
}

const orKnown = (schema: object, value: string) => ({ anyOf: [{ const: value }, schema] });

/** An example with the fields that are known. */
function withKnown(example: unknown, known: Record<string, string>): unknown {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return example;
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => [name, known[name] ?? withKnown(value, known)]),
  );
}

async function main(directory: string): Promise<void> {
  const bin = await pythonTools();
  const configuration = join(directory, 'configuration.json');
  await writeFile(configuration, JSON.stringify({ policies: POLICIES }));
  const world = await startLocalWorld({
    port: 0,
    dataDir: join(directory, 'data'),
    env: {
      RATE_LIMIT_PER_SECOND: '1000',
      POLL_TICK_MS: '1000',
      WEBHOOK_SOURCES: JSON.stringify(WEBHOOK_SOURCES),
      ALLOW_DEACTIVATION: 'true',
      CONFIGURATION_FILE: configuration,
    },
    fake: { autoCreate: { pattern: '*' } },
  });
  try {
    const document = await documentOf(await prepareData(world));
    const path = join(directory, 'openapi.json');
    await writeFile(path, JSON.stringify(document));
    await writeFile(join(directory, 'schemathesis.toml'), '[warnings]\nfail-on = true\n');
    await run(
      join(bin, 'schemathesis'),
      [
        ...['run', path, '--url', world.apiUrl, '--no-color'],
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
