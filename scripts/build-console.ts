import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build } from 'esbuild';
import { type Bundle, replaceFile } from './build.ts';
import { CONSOLE_DIR, PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';

const SOURCE_DIR = join(PROJECT_DIR, 'clients/console');

/** Bundles the page into `outDir`: four files that load nothing else. Replaces whole files, and only if they differ. */
export async function buildConsole(outDir: string = CONSOLE_DIR): Promise<void> {
  const { outputFiles, metafile } = await build({
    entryPoints: [
      { in: join(SOURCE_DIR, 'main.tsx'), out: 'console' },
      { in: join(SOURCE_DIR, 'console.css'), out: 'console' },
    ],
    absWorkingDir: PROJECT_DIR,
    outdir: outDir,
    write: false,
    bundle: true,
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17.4'],
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  for (const { path, contents } of outputFiles) await replaceFile(path, contents);
  for (const name of ['index.html', 'icon.svg']) {
    await replaceFile(join(outDir, name), await readFile(join(SOURCE_DIR, name)));
  }
  const inputs = Object.assign({}, ...Object.values(metafile.outputs).map((output) => output.inputs));
  await replaceFile(join(outDir, LICENSES_FILE), Buffer.from(await licensesOf(inputs)));
}

/** What a browser loads for the page, compressed. */
export async function consoleBundle(directory: string = CONSOLE_DIR): Promise<Bundle> {
  const names = ['index.html', 'console.js', 'console.css', 'icon.svg'];
  const sizes = names.map(async (name) => {
    const zipped = await promisify(gzip)(await readFile(join(directory, name)), { level: 9 });
    return zipped.byteLength;
  });
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  return { name: 'console (gzipped)', path: directory, bytes };
}
