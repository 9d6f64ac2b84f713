import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

export const PROJECT_DIR = fileURLToPath(new URL('..', import.meta.url));

/** A cache that may be deleted at any time: compiled templates, and files that osls would keep in the home directory. */
export const CACHE_DIR = join(PROJECT_DIR, 'node_modules/.cache/flow-log-activator');

/** The page of the service, built. */
export const CONSOLE_DIR = join(PROJECT_DIR, 'dist/package/console');

/** Where `osls package` puts its results, relative to the directory in which it runs. */
export const TEMPLATE_PATH = '.serverless/cloudformation-template-update-stack.json';

const manifestPath = createRequire(import.meta.url).resolve('osls/package.json');

export const OSLS_COMMAND = join(dirname(manifestPath), 'bin/serverless.js');

export async function readOslsVersion(): Promise<string> {
  const manifest = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(manifestPath, 'utf8')),
  );
  return manifest.version;
}

/**
 * Runs `osls package` in a directory that has a serverless.yml; needs no account, credentials or network.
 * Throws with the output of osls if it fails.
 */
export async function runOslsPackage(options: {
  cwd: string;
  arguments: string[];
  environment?: NodeJS.ProcessEnv;
}): Promise<void> {
  const osls = spawn(process.execPath, [OSLS_COMMAND, 'package', ...options.arguments], {
    cwd: options.cwd,
    // Nothing else is passed on, unless the caller gives more: no credentials, no profile. osls caches its compiled
    // schema in the home directory; with it and Node's compile cache it takes 2 s instead of 6.
    env: {
      PATH: process.env.PATH,
      STAGE: process.env.STAGE,
      AWS_REGION: process.env.AWS_REGION,
      HOME: join(CACHE_DIR, 'osls-home'),
      NODE_COMPILE_CACHE: join(CACHE_DIR, 'node'),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => osls.kill();
  process.once('exit', endWithUs);
  let output = '';
  for (const stream of [osls.stdout, osls.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    osls.once('error', reject).once('close', resolve);
  }).finally(() => process.off('exit', endWithUs));
  if (exitCode !== 0) throw new Error(`osls package failed (exit code ${exitCode}):\n${output.trim()}`);
}
