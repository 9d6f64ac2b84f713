import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { buildConsole } from './build-console.ts';
import { bundleForNode } from './bundle-for-node.ts';
import { PROJECT_DIR } from './osls.ts';

const ENTRY = join(PROJECT_DIR, 'clients/cli/main.ts');

/** Makes the `bin` of the package, and beside it what it loads only when it is needed, such as AWS's SDK. */
export async function buildCommand(outDir: string = join(PROJECT_DIR, 'dist/package/cli')): Promise<void> {
  await bundleForNode({ entry: ENTRY, name: 'flow-log-activator', extension: '.mjs', outDir });
  await chmod(join(outDir, 'flow-log-activator.mjs'), 0o755);
}

if (import.meta.main) await Promise.all([buildCommand(), buildConsole()]);
