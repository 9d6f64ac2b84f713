import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { CACHE_DIR, PROJECT_DIR, readOslsVersion, runOslsPackage, TEMPLATE_PATH } from './osls.ts';

const template = v.looseObject({
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Outputs: v.optional(v.record(v.string(), v.looseObject({ Value: v.unknown() })), {}),
});

/** A CloudFormation template, intrinsic functions (`Ref`, `Fn::GetAtt`, …) unresolved. */
export type Template = v.InferOutput<typeof template>;

/**
 * What `osls package` makes of serverless.yml: the template that would be deployed. Needs no bundles, since the
 * template says nothing of their content. Cached by what it depends on: the file, osls and the arguments.
 * `directory` is where the file is, the project's if not given.
 * Throws with osls' output when serverless.yml does not compile.
 */
export async function compileTemplate(
  options: { stage?: string; region?: string; directory?: string } = {},
): Promise<Template> {
  const { stage = 'dev', region = 'ap-southeast-1', directory = PROJECT_DIR } = options;
  const source = await readFile(join(directory, 'serverless.yml'), 'utf8');
  const key = createHash('sha256').update(JSON.stringify([source, await readOslsVersion(), stage, region]));
  const cachePath = join(CACHE_DIR, `${key.digest('hex')}.json`);
  const cached = await readFile(cachePath, 'utf8').catch(() => undefined);
  if (cached !== undefined) return parseTemplate(cached);

  const compiled = await compile(source, ['--stage', stage, '--region', region]);
  const result = parseTemplate(compiled);
  // Renamed into place, so that another process never reads half a file.
  const draftPath = `${cachePath}.${process.pid}`;
  await mkdir(CACHE_DIR, { recursive: true });
  await writeFile(draftPath, compiled);
  await rename(draftPath, cachePath);
  return result;
}

export function parseTemplate(text: string): Template {
  return v.parse(template, JSON.parse(text));
}

/** In a directory of its own: quick, as osls searches all of it for files to pack, and safe beside another run. */
async function compile(source: string, oslsArguments: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
  try {
    await writeFile(join(directory, 'serverless.yml'), source);
    for (const [, handler] of source.matchAll(/^ *handler: (dist\/\S+)\.handler$/gm)) {
      const bundlePath = join(directory, `${handler}.mjs`);
      await mkdir(dirname(bundlePath), { recursive: true });
      await writeFile(bundlePath, 'export const handler = async () => {};\n');
    }
    await runOslsPackage({ cwd: directory, arguments: oslsArguments });
    return await readFile(join(directory, TEMPLATE_PATH), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
