import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { replaceFile } from './build.ts';
import { lazyStringWidth } from './lazy-string-width.ts';
import { PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';

type Target = { entry: string; name: string; extension: '.js' | '.mjs'; outDir: string };

/**
 * Bundles a module for Node 20 and later, in parts: what is imported late is loaded late. Replaces whole files, and
 * only if they differ. Removes the parts of an earlier build.
 */
export async function bundleForNode({ entry, name, extension, outDir }: Target): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [{ in: entry, out: name }],
    absWorkingDir: PROJECT_DIR,
    outdir: outDir,
    outExtension: { '.js': extension },
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
    plugins: [lazyStringWidth],
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
  const current = new Set(outputFiles.map(({ path }) => path));
  for await (const part of glob('chunks/*', { cwd: outDir })) {
    const path = join(outDir, part);
    if (!current.has(path)) await rm(path, { force: true });
  }
}
