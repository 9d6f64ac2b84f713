import { spawnSync } from 'node:child_process';
import { glob, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CACHE_DIR, PROJECT_DIR } from './osls.ts';

/** Returns the compiler's declarations of a module and of all that it imports here, by path in the project. */
export async function emitDeclarations(entry: string): Promise<Record<string, string>> {
  await mkdir(CACHE_DIR, { recursive: true });
  const outDir = await mkdtemp(join(CACHE_DIR, 'declarations-'));
  try {
    runTypeScript([
      entry,
      ...['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--strict', '--skipLibCheck'],
      ...['--allowImportingTsExtensions', '--target', 'es2024', '--lib', 'es2024,esnext.array'],
      ...['--types', 'node', '--module', 'nodenext', '--rootDir', PROJECT_DIR, '--outDir', outDir],
    ]);
    const paths = await Array.fromAsync(glob('**/*.d.ts', { cwd: outDir }));
    const texts = paths.map(async (path) => [path, await readFile(join(outDir, path), 'utf8')] as const);
    return Object.fromEntries(await Promise.all(texts));
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
