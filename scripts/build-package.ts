import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { build } from 'esbuild';
import * as v from 'valibot';
import { EVENT_SCHEMAS } from '../events/event-schemas.ts';
import { EVENT_TYPES } from '../events/subscriber.ts';
import { replaceFile } from './build.ts';
import { buildClient } from './build-client.ts';
import { buildCommand } from './build-command.ts';
import { buildConsole } from './build-console.ts';
import { declareType } from './declare-type.ts';
import { emitDeclarations } from './emit-declarations.ts';
import { PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';

const ENTRY = join(PROJECT_DIR, 'events/subscriber.ts');
const PACKAGE_DIR = join(PROJECT_DIR, 'dist/package');

const Manifest = v.object({
  name: v.string(),
  version: v.string(),
  description: v.string(),
  license: v.string(),
  bin: v.record(v.string(), v.string()),
  exports: v.record(v.string(), v.record(v.string(), v.string())),
});

/**
 * Makes the package: `<name>/events` for subscribers, `<name>/client` for callers, and the command with its page, for Node 20 and
 * later. It has a manifest of its own: the project's manifest lists the dependencies of the functions, and npm would
 * install them. All that the package needs is bundled.
 */
export async function buildPackage(outDir: string = PACKAGE_DIR): Promise<void> {
  await Promise.all([
    buildEvents(join(outDir, 'events')),
    buildClient(join(outDir, 'client')),
    buildCommand(join(outDir, 'cli')),
    buildConsole(join(outDir, 'console')),
  ]);
  const { bin, exports, ...about } = v.parse(
    Manifest,
    JSON.parse(await readFile(join(PROJECT_DIR, 'package.json'), 'utf8')),
  );
  const own: unknown = JSON.parse(JSON.stringify({ bin, exports }).replaceAll('dist/package/', ''));
  const manifest = {
    ...about,
    description: `${about.description} The command, a typed client, and the events: types, schemas, guards, rule patterns.`,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    ...v.parse(v.object({ bin: v.unknown(), exports: v.unknown() }), own),
    files: ['events', 'client', 'cli', 'console'],
  };
  await replaceFile(join(outDir, 'package.json'), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  await replaceFile(join(outDir, 'LICENSE'), await readFile(join(PROJECT_DIR, 'LICENSE')));
}

/** Makes `<name>/events` as one file of JavaScript and one of types. */
export async function buildEvents(outDir: string = join(PACKAGE_DIR, 'events')): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    absWorkingDir: PROJECT_DIR,
    outdir: outDir,
    write: false,
    bundle: true,
    platform: 'neutral',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const files = {
    'index.js': outputFiles[0]?.contents ?? '',
    'index.d.ts': await declareEvents(),
    [LICENSES_FILE]: await licensesOf(Object.values(metafile.outputs)[0]?.inputs ?? {}),
  };
  for (const [name, content] of Object.entries(files)) {
    await replaceFile(join(outDir, name), Buffer.from(content));
  }
}

/** Returns the compiler's declarations with the events' types written out: inferred, they need the schema library. */
async function declareEvents(): Promise<string> {
  const types = Object.entries(EVENT_TYPES).map(([name, type]) => {
    const schema = toJsonSchema(EVENT_SCHEMAS[type], { errorMode: 'throw' });
    const comment = schema.description === undefined ? '' : `/** ${schema.description} */\n`;
    return `${comment}export type ${name.charAt(0).toUpperCase()}${name.slice(1)} = ${declareType(schema)};\n`;
  });
  const { 'events/subscriber.d.ts': emitted = '' } = await emitDeclarations(ENTRY);
  const own = emitted.replaceAll(/^(?:import|export type \{).*$\n/gm, '');
  if (/\bimport\b|\bv\./.test(own)) throw new Error(`The declarations are not self-contained:\n${own}`);
  // Without this, a declaration file also exports what it does not name as exported.
  return [...types, own, 'export {};\n'].join('\n');
}
