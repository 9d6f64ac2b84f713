import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { glob, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { fillParameters } from './fill-parameters.ts';
import { CACHE_DIR, PROJECT_DIR, readOslsVersion, runOslsPackage, TEMPLATE_PATH } from './osls.ts';

const template = v.looseObject({
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
  Parameters: v.optional(
    v.record(v.string(), v.looseObject({ Type: v.string(), Default: v.optional(v.string()) })),
    {},
  ),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Outputs: v.optional(v.record(v.string(), v.looseObject({ Value: v.unknown() })), {}),
});

/** A CloudFormation template, intrinsic functions (`Ref`, `Fn::GetAtt`, …) unresolved. */
export type Template = v.InferOutput<typeof template>;

/** `directory` contains the files. The default is the project. */
export type CompileOptions = { stage?: string; region?: string; directory?: string };

/**
 * Returns what CloudFormation makes of the template that is deployed, with its parameters filled in: those that are
 * given, by the names of their settings, and the defaults of the others.
 */
export async function compileTemplate(
  options: CompileOptions & { settings?: Readonly<Record<string, string>> } = {},
): Promise<Template> {
  return fillParameters(await compileParameterised(options), options.settings);
}

/**
 * Compiles serverless.yml and infra/ with `osls package`: the template that would be deployed. Needs no bundles, because
 * the template does not depend on their content. Cached by the files, the version of osls and the arguments.
 * Throws with osls' output when serverless.yml does not compile.
 */
export async function compileParameterised(options: CompileOptions = {}): Promise<Template> {
  const { stage = 'dev', region = 'ap-southeast-1', directory = PROJECT_DIR } = options;
  const sources = await readSources(directory);
  const key = createHash('sha256').update(JSON.stringify([sources, await readOslsVersion(), stage, region]));
  const cachePath = join(CACHE_DIR, `${key.digest('hex')}.json`);
  const cached = await readFile(cachePath, 'utf8').catch(() => undefined);
  if (cached !== undefined) return parseTemplate(cached);

  const compiled = await compile(sources, ['--stage', stage, '--region', region]);
  const result = parseTemplate(compiled);
  // The rename makes sure that another process never reads half a file.
  const draftPath = `${cachePath}.${process.pid}`;
  await mkdir(CACHE_DIR, { recursive: true });
  await writeFile(draftPath, compiled);
  await rename(draftPath, cachePath);
  return result;
}

export function parseTemplate(text: string): Template {
  return v.parse(template, JSON.parse(text));
}

/** A path, relative to the directory of serverless.yml, and the text of its file. */
type Source = [path: string, text: string];

/** Returns each path of serverless.yml and infra/, with the text of its file. */
async function readSources(directory: string): Promise<Source[]> {
  const paths = await Array.fromAsync(glob(['serverless.yml', 'infra/*'], { cwd: directory }));
  return Promise.all(
    paths.sort().map(async (path) => [path, await readFile(join(directory, path), 'utf8')] as const),
  );
}

/** Compiles in a directory of its own: osls searches all of it for files, and no other run disturbs it. */
async function compile(sources: Source[], oslsArguments: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
  const removeAtExit = () => rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
  process.once('exit', removeAtExit);
  try {
    for (const [path, text] of [...sources, ...sources.flatMap(([, source]) => emptyBundlesOf(source))]) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    await runOslsPackage({ cwd: directory, arguments: oslsArguments });
    return await readFile(join(directory, TEMPLATE_PATH), 'utf8');
  } finally {
    process.off('exit', removeAtExit);
    await rm(directory, { recursive: true, force: true });
  }
}

/** osls checks whether the code of each function exists. */
function emptyBundlesOf(source: string): Source[] {
  const handlers = source.matchAll(/^ *handler: (dist\/\S+)\.handler$/gm);
  return [...handlers].map(([, path]) => [`${path}.mjs`, 'export const handler = async () => {};\n']);
}
