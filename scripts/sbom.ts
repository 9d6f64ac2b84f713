import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { PROJECT_DIR } from './osls.ts';

const Manifest = v.looseObject({ name: v.string(), overrides: v.record(v.string(), v.unknown()) });
const Lock = v.looseObject({
  packages: v.record(
    v.string(),
    v.looseObject({ dev: v.optional(v.boolean()), devOptional: v.optional(v.boolean()) }),
  ),
});

/**
 * Returns the packages that the functions, the client and the command are bundled from, as CycloneDX JSON of `npm sbom`.
 * `npm sbom --omit dev` leaves out what a dev dependency needs too (npm 11.19), so npm reads a manifest and a lock without
 * dev dependencies. The same lock and npm give the same bytes: no time, no serial number.
 */
export async function makeSbom(): Promise<string> {
  const manifest = v.parse(Manifest, await readJson('package.json'));
  const lock = v.parse(Lock, await readJson('package-lock.json'));
  const { devDependencies: _, scripts: __, ...own } = manifest;
  const { devDependencies: ___, ...root } = lock.packages[''] ?? {};
  const packages = Object.entries(lock.packages).filter(([path, { dev, devOptional }]) => {
    return path !== '' && !dev && !devOptional;
  });
  const parent = await mkdtemp(join(tmpdir(), 'flow-log-activator-sbom-'));
  // npm takes the name from the folder.
  const directory = join(parent, manifest.name);
  try {
    await mkdir(directory);
    const files = {
      'package.json': { ...own, overrides: overridesOf(own.overrides, packages) },
      'package-lock.json': { ...lock, packages: { '': root, ...Object.fromEntries(packages) } },
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(directory, name), JSON.stringify(content));
    }
    return withoutChance(npmSbom(directory));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** An override of a package that is only a dev dependency would refer to nothing. */
function overridesOf(overrides: Record<string, unknown>, packages: [path: string, unknown][]) {
  const paths = new Set(packages.map(([path]) => path));
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => paths.has(`node_modules/${name}`)));
}

function npmSbom(cwd: string): unknown {
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(`npm sbom failed: ${error?.message ?? stderr.trim()}`);
  return JSON.parse(stdout);
}

function withoutChance(bom: unknown): string {
  const {
    serialNumber: _,
    metadata,
    ...rest
  } = v.parse(v.looseObject({ metadata: v.looseObject({ timestamp: v.string() }) }), bom);
  const { timestamp: __, ...about } = metadata;
  return `${JSON.stringify({ ...rest, metadata: about }, null, 2)}\n`;
}

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(PROJECT_DIR, name), 'utf8'));
}
