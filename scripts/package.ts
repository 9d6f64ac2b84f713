import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWithinBudgets } from './build.ts';
import { PROJECT_DIR, runOslsPackage, TEMPLATE_PATH } from './osls.ts';

/**
 * Makes all that a deployment uploads, without an account: the bundles, a zip of each, and the template. Its
 * arguments are those of `osls package`: `npm run package -- --stage prod --region eu-west-1`.
 */
async function main(): Promise<void> {
  await buildWithinBudgets();
  await runOslsPackage({ cwd: PROJECT_DIR, arguments: process.argv.slice(2) });
  console.log(`\n${TEMPLATE_PATH}`);
  for (const path of (await Array.fromAsync(glob('.serverless/*.zip', { cwd: PROJECT_DIR }))).sort()) {
    const { size } = await stat(join(PROJECT_DIR, path));
    console.log(`${path} (${(size / 1000).toFixed(0)} kB)`);
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
