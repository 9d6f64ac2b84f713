import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { build } from 'esbuild';
import * as v from 'valibot';
import { EVENT_SCHEMAS } from '../events/event-schemas.ts';
import { EVENT_TYPES } from '../events/subscriber.ts';
import { replaceFile } from './build.ts';
import { declareType } from './declare-type.ts';
import { CACHE_DIR, PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';

const ENTRY = join(PROJECT_DIR, 'events/subscriber.ts');
const EVENTS_DIR = join(PROJECT_DIR, 'dist/events');

const Manifest = v.object({
  name: v.string(),
  version: v.string(),
  description: v.string(),
  license: v.string(),
});

/**
 * Makes the package of the subscribers: `<name>/events` as one file of JavaScript and one of types, for Node 20 and
 * later. It has a manifest of its own: the project's manifest lists the dependencies of the functions, such as the AWS
 * SDK, and npm would install them. The schema library is bundled.
 */
export async function buildEvents(outDir: string = EVENTS_DIR): Promise<void> {
  const about = v.parse(Manifest, JSON.parse(await readFile(join(PROJECT_DIR, 'package.json'), 'utf8')));
  const manifest = {
    ...about,
    description: `${about.description} The events: types, schemas, guards and rule patterns.`,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    exports: { './events': { types: './index.d.ts', default: './index.js' } },
    files: ['index.js', 'index.d.ts', LICENSES_FILE],
  };
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
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    LICENSE: await readFile(join(PROJECT_DIR, 'LICENSE')),
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
  const emitted = await emitDeclarations();
  const own = emitted.replaceAll(/^(?:import|export type \{).*$\n/gm, '');
  if (/\bimport\b|\bv\./.test(own)) throw new Error(`The declarations are not self-contained:\n${own}`);
  // Without this, a declaration file also exports what it does not name as exported.
  return [...types, own, 'export {};\n'].join('\n');
}

async function emitDeclarations(): Promise<string> {
  await mkdir(CACHE_DIR, { recursive: true });
  const outDir = await mkdtemp(join(CACHE_DIR, 'declarations-'));
  try {
    runTypeScript([
      ENTRY,
      ...[
        '--ignoreConfig',
        '--declaration',
        '--emitDeclarationOnly',
        '--strict',
        '--allowImportingTsExtensions',
      ],
      ...['--target', 'es2022', '--module', 'nodenext', '--outDir', outDir],
    ]);
    return await readFile(join(outDir, 'subscriber.d.ts'), 'utf8');
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** Throws with the output of the compiler if it fails. */
function runTypeScript(args: string[]): void {
  const manifestPath = createRequire(import.meta.url).resolve('typescript/package.json');
  const { status, stdout } = spawnSync(process.execPath, [join(dirname(manifestPath), 'bin/tsc'), ...args], {
    cwd: PROJECT_DIR,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tsc failed (exit code ${status}):\n${stdout.trim()}`);
}
