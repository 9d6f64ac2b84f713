import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activationCompletedExample,
  activationFailedExample,
  activationSubmittedExample,
  batchCompletedExample,
  batchPlannedExample,
  deactivationBatchCompletedExample,
  deactivationCompletedExample,
  deactivationFailedExample,
  deactivationSubmittedExample,
  flowLogDriftedExample,
  policyRunCompletedExample,
} from '../../events/golden-examples.ts';
import type { EVENT_TYPES } from '../../events/subscriber.ts';
import manifest from '../../package.json' with { type: 'json' };
import { buildPackage } from '../../scripts/build-package.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { blocksIn, pagePaths, readPage } from './documents/page.ts';

const run = promisify(execFile);

const EXAMPLES: Record<Capitalize<keyof typeof EVENT_TYPES>, object> = {
  ActivationSubmitted: activationSubmittedExample,
  ActivationCompleted: activationCompletedExample,
  ActivationFailed: activationFailedExample,
  BatchCompleted: batchCompletedExample,
  BatchPlanned: batchPlannedExample,
  FlowLogDrifted: flowLogDriftedExample,
  DeactivationSubmitted: deactivationSubmittedExample,
  DeactivationCompleted: deactivationCompletedExample,
  DeactivationFailed: deactivationFailedExample,
  DeactivationBatchCompleted: deactivationBatchCompletedExample,
  PolicyRunCompleted: policyRunCompletedExample,
};

const compilerPath = createRequire(import.meta.url).resolve('typescript/package.json');
const RESOLUTIONS = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
};

/** A project of a subscriber's, outside of this one, with the package installed from its tarball. */
let subscriber: string;

beforeAll(async () => {
  subscriber = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
  await buildPackage(join(subscriber, 'built'));
  // No registry and an empty cache: what is not in the tarball cannot be installed.
  const npm = (...args: string[]) =>
    run('npm', [...args, '--offline', '--cache', join(subscriber, 'cache')], { cwd: subscriber });
  await npm('pack', join(subscriber, 'built'));
  const tarball = (await readdir(subscriber)).find((name) => name.endsWith('.tgz'));
  const manifest = '{"name": "subscriber", "private": true, "type": "module"}';
  await writeFile(join(subscriber, 'package.json'), manifest);
  await npm('install', `./${tarball}`, '--ignore-scripts', '--no-audit', '--no-fund');
}, 120_000);
afterAll(() => rm(subscriber, { recursive: true, force: true }));

/** All that the compiler has to say about the file, strictly and with the package's declarations checked, too. */
async function compile(name: string, source: string, options: string[]): Promise<string> {
  await writeFile(join(subscriber, name), source);
  return compileFiles([name], ['--types', '', ...options]);
}

function compileFiles(names: string[], options: string[]): string {
  const tsc = join(dirname(compilerPath), 'bin/tsc');
  const strict = ['--pretty', 'false', '--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2023'];
  const args = [tsc, ...names, '--ignoreConfig', ...strict, ...options];
  return spawnSync(process.execPath, args, { cwd: subscriber, encoding: 'utf8' }).stdout;
}

/** Makes packages of the project visible to the subscriber, once. */
async function linkToProject(name: string): Promise<void> {
  const link = join(subscriber, 'node_modules', name);
  await rm(link, { force: true });
  await symlink(join(PROJECT_DIR, 'node_modules', name), link);
}

const CONSUMER = `
import { EVENT_TYPES, eventSchemas, isActivationCompleted, parseEvent, parseEventBridgeEvent, patterns } from 'flow-log-activator/events';
import type { ActivationCompleted, EventPattern, FlowLogActivatorEvent } from 'flow-log-activator/events';

export function totalMs(event: unknown): number {
  return isActivationCompleted(event) ? event.data.durations.totalMs : 0;
}
export function reasonOf(body: string): string | undefined {
  const parsed = parseEventBridgeEvent(body);
  if (parsed.outcome !== 'known') return undefined;
  const event: FlowLogActivatorEvent = parsed.event;
  return event.type === EVENT_TYPES.activationFailed ? event.data.reason : undefined;
}
export const pattern: EventPattern = patterns.finalEnds({ account: 'default', region: ['cn-beijing'] });
export const version: 1 = eventSchemas[EVENT_TYPES.flowLogDrifted]['~standard'].version;
export const ended = (parsed: ReturnType<typeof parseEvent>): ActivationCompleted | undefined =>
  parsed.outcome === 'known' && isActivationCompleted(parsed.event) ? parsed.event : undefined;
`;

const CALLER = `
import { ApiProblem, createClient, WHAT_NOW, type Activation } from 'flow-log-activator/client';

const service = createClient({ url: 'http://127.0.0.1:3000' });
const told: string[] = [];
const onChange = ({ flowLogId, status }: Activation) => void told.push(flowLogId + status);
export async function activate(ids: string[]): Promise<string> {
  try {
    const { outcome, activations } = await service.activateAndWait(ids, { timeoutMs: 60_000, onChange });
    const [reason] = activations.flatMap((activation) => activation.reason ?? []);
    return reason === undefined ? outcome : WHAT_NOW[reason];
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'idempotency-key-reused') return error.message;
    throw error;
  }
}
`;

/** By the error that the compiler has for each. */
const MISTAKES = {
  // A field of another type of event.
  TS2339: `import { isActivationCompleted as is } from 'flow-log-activator/events';
    export const f = (event: unknown) => is(event) && event.data.reason;`,
  // A scope that is none.
  TS2561: `import { patterns } from 'flow-log-activator/events'; patterns.drifts({ regions: 'cn-beijing' });`,
  // An entry that is none.
  TS2307: `export * from 'flow-log-activator';`,
};

test('npm installs the one package, and nothing with it', async () => {
  const installed = await readdir(join(subscriber, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['flow-log-activator']);
  const files = await readdir(join(subscriber, 'node_modules/flow-log-activator'));
  expect(files.sort()).toEqual(['LICENSE', 'cli', 'client', 'console', 'events', 'package.json']);
  const events = await readdir(join(subscriber, 'node_modules/flow-log-activator/events'));
  expect(events.sort()).toEqual(['THIRD-PARTY-LICENSES.txt', 'index.d.ts', 'index.js']);
});

test('a caller compiles against the client as installed, and its types know the contract', async () => {
  await linkToProject('@types');
  const options = ['--types', 'node', ...RESOLUTIONS.nodenext];
  expect(await compile('caller.ts', CALLER, options)).toBe('');
  const misspelt = CALLER.replace('flowLogId', 'flowLogID');
  expect(await compile('misspelt.ts', misspelt, options)).toMatch(
    /error TS\d+: Property 'flowLogID' does not exist/,
  );
});

test('the client and the command run as installed', async () => {
  const script =
    "import { createClient } from 'flow-log-activator/client'; createClient({ url: 'http://127.0.0.1:1' });";
  await writeFile(join(subscriber, 'caller.js'), script);
  expect((await run(process.execPath, ['caller.js'], { cwd: subscriber })).stderr).toBe('');
  const { stdout } = await run(join(subscriber, 'node_modules/.bin/flow-log-activator'), ['--version']);
  expect(stdout).toBe(`${manifest.version}\n`);
});

test('inside the project, its own manifest exports the same, from where the build puts it', async () => {
  const exports = v.record(v.string(), v.record(v.string(), v.string()));
  const Exports = v.object({ name: v.string(), exports });
  const read = async (path: string) => v.parse(Exports, JSON.parse(await readFile(path, 'utf8')));
  const own = await read(join(PROJECT_DIR, 'package.json'));
  const installed = await read(join(subscriber, 'node_modules/flow-log-activator/package.json'));
  const moved = JSON.parse(
    JSON.stringify(installed).replaceAll(/"\.\/(client|events)\//g, '"./dist/package/$1/'),
  );
  expect(own).toEqual(moved);
});

describe.each(Object.entries(RESOLUTIONS))('the compiler, resolving as %s', (_, options) => {
  test('takes a subscriber', async () => {
    expect(await compile('subscriber.ts', CONSUMER, options)).toBe('');
  });

  test('knows every field of the golden examples, and no other', async () => {
    const golden = Object.entries(EXAMPLES)
      .map(([type, example]) => `export const the${type}: events.${type} = ${JSON.stringify(example)};`)
      .join('\n');
    const header = "import type * as events from 'flow-log-activator/events';\n";
    expect(await compile('golden.ts', header + golden, options)).toBe('');
    const odd = golden.replaceAll('"data":{', '"data":{"odd":1,');
    const errors = (await compile('odd.ts', header + odd, options)).match(/error TS2353/g);
    expect(errors).toHaveLength(Object.keys(EXAMPLES).length);
  });

  test('refuses what is not there', async () => {
    const names = Object.keys(MISTAKES).map((code) => `${code}.ts`);
    for (const [code, source] of Object.entries(MISTAKES)) {
      await writeFile(join(subscriber, `${code}.ts`), source);
    }
    const output = compileFiles(names, ['--types', '', ...options]);
    const found = [...output.matchAll(/^(\w+)\.ts.*error (TS\d+)/gm)];
    const expected = Object.keys(MISTAKES).map((code) => [code, code]);
    expect(found.map(([, name, code]) => [name, code]).sort()).toEqual(expected.sort());
  });
});

test('what the documents show compiles, and the patterns are those that the code returns', async () => {
  const markdown = (await Promise.all((await pagePaths()).map(readPage))).join('\n');
  const blocks = blocksIn(markdown, 'ts');
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  for (const block of blocks) {
    const isOfCaller = block.includes('flow-log-activator/client');
    if (isOfCaller) await linkToProject('@types');
    const console = isOfCaller ? '' : 'declare const console: { log(...values: unknown[]): void };\n';
    const options = [...RESOLUTIONS.nodenext, ...(isOfCaller ? ['--types', 'node'] : [])];
    expect(await compile('shown.ts', console + block, options)).toBe('');
  }
  const rows = [...markdown.matchAll(/^\| [^|]+ \| `(patterns\.[^`]+)` \| `([^`]+)` \|$/gm)];
  expect(rows.length).toBeGreaterThanOrEqual(10);
  const calls = rows.map(([, call]) => call).join(',\n');
  const script = `import { patterns } from 'flow-log-activator/events'; console.log(JSON.stringify([${calls}]));`;
  await writeFile(join(subscriber, 'patterns.js'), script);
  const { stdout } = await run(process.execPath, ['patterns.js'], { cwd: subscriber });
  expect(JSON.parse(stdout)).toEqual(rows.map(([, , pattern = '']) => JSON.parse(pattern)));
});

test('the examples compile against the package as installed', async () => {
  await cp(join(PROJECT_DIR, 'examples/subscribers'), join(subscriber, 'example'), {
    recursive: true,
    filter: (path) => !/\/(dist|\.serverless)(\/|$)/.test(path),
  });
  for (const scope of ['@aws-sdk', '@types']) await linkToProject(scope);
  const options = [
    '--allowImportingTsExtensions',
    '--types',
    'node',
    '--skipLibCheck',
    ...RESOLUTIONS.nodenext,
  ];
  expect(compileFiles(['example/consume.ts', 'example/functions/on-final-events.ts'], options)).toBe('');
});

test('every Node of this machine from 20 on runs it', async () => {
  const script = `
    import { isActivationCompleted, parseEvent, patterns } from 'flow-log-activator/events';
    const event = ${JSON.stringify(activationCompletedExample)};
    console.log(JSON.stringify([
      isActivationCompleted(event), parseEvent({ ...event, type: 'x.v2' }), patterns.failures(),
    ]));`;
  await writeFile(join(subscriber, 'main.js'), script);
  const onPath = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'node'));
  const versions = new Map<string, string>();
  for (const binary of [process.execPath, ...onPath]) {
    const { stdout = '' } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1]) >= 20) versions.set(stdout.trim(), binary);
  }
  expect(versions.size).toBeGreaterThan(0);
  for (const [version, binary] of versions) {
    const { stdout } = await run(binary, ['main.js'], { cwd: subscriber });
    const failures = { source: ['flow-log-activator'], 'detail-type': ['flow-log-activation.failed.v1'] };
    const expected = [true, { outcome: 'unknown-type', type: 'x.v2' }, failures];
    expect([version, JSON.parse(stdout)]).toEqual([version, expected]);
  }
});
