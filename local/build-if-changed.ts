import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CACHE_DIR, PROJECT_DIR } from '../scripts/osls.ts';

/** The files that a bundle depends on. */
const SOURCES = [
  '{functions,lib,events,clients}/**/*.{ts,tsx,css,html,svg}',
  'scripts/*.ts',
  'package-lock.json',
];
const BUNDLES = ['dist/**/*.mjs', 'dist/package/console/*'];
const STAMP_PATH = join(CACHE_DIR, 'bundles');

/** Builds the functions, the command and the page, unless this function has already built dist/ from the same sources. */
export async function buildIfChanged(): Promise<void> {
  const sources = await hashSources();
  const stamp = await readFile(STAMP_PATH, 'utf8').catch(() => undefined);
  if (stamp === `${sources} ${await identifyBundles()}`) return;
  // Imported late, because loading esbuild takes longer than the check.
  const [{ buildFunctions }, { buildCommand }, { buildConsole }] = await Promise.all([
    import('../scripts/build.ts'),
    import('../scripts/build-command.ts'),
    import('../scripts/build-console.ts'),
  ]);
  await Promise.all([buildFunctions(), buildCommand(), buildConsole()]);
  await mkdir(dirname(STAMP_PATH), { recursive: true });
  await writeFile(STAMP_PATH, `${sources} ${await identifyBundles()}`);
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const contents = await Promise.all(
    (await listFiles(SOURCES)).map(async (path) => [path, await readFile(join(PROJECT_DIR, path), 'utf8')]),
  );
  return hash.update(JSON.stringify(contents)).digest('hex');
}

async function identifyBundles(): Promise<string> {
  const bundles = await Promise.all(
    (await listFiles(BUNDLES)).map(async (path) => {
      const { size, mtimeMs } = await stat(join(PROJECT_DIR, path));
      return `${path}:${size}:${mtimeMs}`;
    }),
  );
  return bundles.join();
}

async function listFiles(patterns: string[]): Promise<string[]> {
  return (await Array.fromAsync(glob(patterns, { cwd: PROJECT_DIR }))).sort();
}
