import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { PROJECT_DIR } from '../../scripts/osls.ts';

/** Whose speed the figures are about, beside ours. */
const PACKAGES = [
  'undici',
  '@volcengine/sdk-core',
  '@volcengine/openapi',
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-sqs',
  '@aws/durable-execution-sdk-js',
  'esbuild',
];

const Manifest = v.object({ version: v.string() });

export type Machine = Awaited<ReturnType<typeof describeMachine>>;

export async function describeMachine() {
  const versions: Record<string, string> = { node: process.version.slice(1) };
  for (const name of PACKAGES) {
    const text = await readFile(join(PROJECT_DIR, 'node_modules', name, 'package.json'), 'utf8');
    versions[name] = v.parse(Manifest, JSON.parse(text)).version;
  }
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${process.arch}`,
    /** Of the last minute, before anything was measured: how much else the machine had to do. */
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
    versions,
  };
}
