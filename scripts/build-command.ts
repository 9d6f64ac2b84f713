import { chmod, glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { replaceFile } from './build.ts';
import { PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';

/** The `bin` of the package, beside what it loads only when it is needed, such as AWS's SDK. */
const COMMAND_DIR = join(PROJECT_DIR, 'dist/cli');

/**
 * Bundles the command, for Node 20 and later. Replaces whole files, and only if they differ. Removes the parts of an
 * earlier build.
 */
export async function buildCommand(outDir: string = COMMAND_DIR): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [{ in: join(PROJECT_DIR, 'clients/cli/main.ts'), out: 'flow-log-activator' }],
    absWorkingDir: PROJECT_DIR,
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    metafile: true,
    define: { COMMAND_VERSION: JSON.stringify(manifest.version) },
    // Some packages of the SDK are CommonJS, and ES modules have no `require` for built-in modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  const inputs = Object.assign({}, ...Object.values(metafile.outputs).map((output) => output.inputs));
  await replaceFile(join(outDir, LICENSES_FILE), Buffer.from(await licensesOf(inputs)));
  for (const { path, contents } of outputFiles) await replaceFile(path, contents);
  await chmod(join(outDir, 'flow-log-activator.mjs'), 0o755);
  const current = new Set(outputFiles.map(({ path }) => path));
  for await (const name of glob('chunks/*', { cwd: outDir })) {
    const path = join(outDir, name);
    if (!current.has(path)) await rm(path);
  }
}

if (import.meta.main) await buildCommand();
