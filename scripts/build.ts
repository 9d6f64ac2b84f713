import { glob, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import * as v from 'valibot';
import { environmentCredentials } from './environment-credentials.ts';
import { nativeSha256 } from './native-sha256.ts';
import { PROJECT_DIR } from './osls.ts';
import { LICENSES_FILE, licensesOf } from './third-party-licenses.ts';
import { undiciEssentials } from './undici-essentials.ts';
import { unmodelledErrors } from './unmodelled-errors.ts';

export type Bundle = { name: string; path: string; bytes: number };

export type BuildOptions = {
  /** Each .ts file in it becomes a bundle. The default is functions/. */
  functionsDir?: string;
  /** The default is dist/. */
  outDir?: string;
};

/**
 * Bundles every function, with everything that it needs, into `<outDir>/<name>/index.mjs`. A source map and the
 * licences of its packages are beside it. Replaces whole files, and only if they differ: a runner may import them at
 * the same time. Throws with esbuild's messages if a function does not build.
 */
export async function buildFunctions(options: BuildOptions = {}): Promise<Bundle[]> {
  const { functionsDir = join(PROJECT_DIR, 'functions'), outDir = join(PROJECT_DIR, 'dist') } = options;
  const sources = (await Array.fromAsync(glob('*.ts', { cwd: functionsDir }))).sort();
  if (sources.length === 0) throw new Error(`There are no functions in ${functionsDir}.`);

  const { outputFiles, metafile } = await build({
    entryPoints: sources.map((source) => ({
      in: join(functionsDir, source),
      out: `${basename(source, '.ts')}/index`,
    })),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: PROJECT_DIR,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first: esbuild cannot leave out the unused parts of CommonJS.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    // undici's own switch for bundles: leaves out its experimental HTTP parser.
    define: { esbuildDetection: '1' },
    plugins: [environmentCredentials, undiciEssentials, nativeSha256, unmodelledErrors],
    // undici is CommonJS, and ES modules have no `require` for the built-in modules it asks for.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });

  const licenses = Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith('.mjs'))
    .map(async ([path, { inputs }]) => {
      const file = join(PROJECT_DIR, dirname(path), LICENSES_FILE);
      await replaceFile(file, Buffer.from(await licensesOf(inputs)));
    });
  await Promise.all([...licenses, ...outputFiles.map(({ path, contents }) => replaceFile(path, contents))]);
  return outputFiles
    .filter(({ path }) => path.endsWith('.mjs'))
    .map(({ path, contents }) => ({ name: basename(dirname(path)), path, bytes: contents.byteLength }));
}

/** Replaces a whole file, and only if it differs: somebody may read it at the same time. */
export async function replaceFile(path: string, contents: Uint8Array): Promise<void> {
  const current = await readFile(path).catch(() => undefined);
  if (current?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const draftPath = `${path}.${process.pid}`;
  await writeFile(draftPath, contents);
  await rename(draftPath, path);
}

/** The size budget of each bundle, in bytes. A cold start reads and compiles all of them. */
export async function readBudgets(): Promise<Record<string, number>> {
  const text = await readFile(new URL('bundle-budget.json', import.meta.url), 'utf8');
  return v.parse(v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(1))), JSON.parse(text));
}

/** Returns a sentence for each bundle that is over its budget or has none. */
export function findOverspending(bundles: Bundle[], budgets: Record<string, number>): string[] {
  return bundles.flatMap(({ name, bytes }) => {
    const budget = budgets[name];
    if (budget === undefined) return [`${name} has no budget in scripts/bundle-budget.json.`];
    return bytes > budget ? [`${name} is ${bytes - budget} bytes over its budget of ${budget}.`] : [];
  });
}

/** Builds into dist/ and prints the sizes. Throws when a bundle is over its budget. */
export async function buildWithinBudgets(): Promise<Bundle[]> {
  const bundles = await buildFunctions();
  await checkBudgets(bundles);
  return bundles;
}

/** Prints the sizes. Throws when one is over its budget. */
export async function checkBudgets(bundles: Bundle[]): Promise<void> {
  const budgets = await readBudgets();
  for (const { name, bytes } of bundles) {
    console.log(`${name.padEnd(24)} ${kilobytes(bytes)} of ${kilobytes(budgets[name] ?? 0)}`);
  }
  const overspending = findOverspending(bundles, budgets);
  if (overspending.length > 0) throw new Error(overspending.join('\n'));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0).padStart(5)} kB`;
}
