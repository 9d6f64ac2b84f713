import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { assertDeployable } from './check-package.ts';
import { parseTemplate } from './compile-template.ts';
import { fillParameters } from './fill-parameters.ts';
import { PROJECT_DIR, runOslsPackage, TEMPLATE_PATH } from './osls.ts';
import { RELEASE_STAGE, releaseTemplate } from './release-template.ts';
import { makeSbom } from './sbom.ts';
import { parameterArguments } from './setting-options.ts';
import { LICENSES_FILE, mergeLicenses } from './third-party-licenses.ts';

export const RELEASE_DIR = join(PROJECT_DIR, 'dist/release');

const TEMPLATE_FILE = 'template.json';
const SUMS_FILE = 'SHA256SUMS';

type ReleaseOptions = {
  /** The stage for which the configuration is checked, and the default of the parameter. */
  stage: string;
  /** They become the defaults of the parameters. */
  settings: Readonly<Record<string, string>>;
  outDir?: string;
};

/**
 * Makes the folder that any pipeline deploys, from the bundles in dist/: the template, a zip of each function, licences,
 * SBOM and checksums. The same code, lock, npm and settings give the same bytes. The folder is replaced as a whole.
 * @throws InvalidConfigurationError when the settings cannot be deployed; then there is no folder.
 */
export async function makeRelease({
  stage,
  settings,
  outDir = RELEASE_DIR,
}: ReleaseOptions): Promise<string[]> {
  await rm(outDir, { recursive: true, force: true });
  const args = ['--stage', RELEASE_STAGE, ...parameterArguments(settings)];
  await runOslsPackage({ cwd: PROJECT_DIR, arguments: args });
  const files = await releaseFiles(stage);
  const draft = `${outDir}.${process.pid}`;
  for (const [path, content] of files) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), content);
  }
  await rename(draft, outDir);
  return files.map(([path]) => path);
}

type File = [path: string, content: string | Buffer];

async function releaseFiles(stage: string): Promise<File[]> {
  const compiled = parseTemplate(await readFile(join(PROJECT_DIR, TEMPLATE_PATH), 'utf8'));
  const zips = await zipFiles();
  const names = Object.fromEntries(zips.map(([name, path]) => [name, path]));
  const template = releaseTemplate(compiled, names, await describeRelease());
  Object.assign(template.Parameters.Stage ?? {}, { Default: stage });
  assertDeployable(fillParameters(template));
  const licenses = await Array.fromAsync(glob(`dist/*-*/${LICENSES_FILE}`, { cwd: PROJECT_DIR }));
  const texts = await Promise.all(licenses.sort().map((path) => readFile(join(PROJECT_DIR, path), 'utf8')));
  const files: File[] = [
    [TEMPLATE_FILE, `${JSON.stringify(template, null, 1)}\n`],
    ...zips.map(([, path, content]): File => [path, content]),
    ['LICENSE', await readFile(join(PROJECT_DIR, 'LICENSE'))],
    [LICENSES_FILE, mergeLicenses(texts)],
    ['sbom.cdx.json', await makeSbom()],
  ];
  const sums = files.map(([path, content]) => `${sha256(content)}  ${path}\n`);
  return [...files, [SUMS_FILE, sums.join('')]];
}

/** Each zip has its checksum in its name: a new key in the bucket is how CloudFormation sees that the code is new. */
async function zipFiles(): Promise<[name: string, path: string, content: Buffer][]> {
  const paths = await Array.fromAsync(glob('.serverless/*.zip', { cwd: PROJECT_DIR }));
  return Promise.all(
    paths.sort().map(async (path): Promise<[string, string, Buffer]> => {
      const content = await readFile(join(PROJECT_DIR, path));
      const name = basename(path, '.zip');
      return [name, `functions/${name}-${sha256(content).slice(0, 16)}.zip`, content];
    }),
  );
}

async function describeRelease(): Promise<string> {
  const text = await readFile(join(PROJECT_DIR, 'package.json'), 'utf8');
  const Manifest = v.object({ name: v.string(), version: v.string(), description: v.string() });
  const { name, version, description } = v.parse(Manifest, JSON.parse(text));
  return `${name} ${version}. ${description}`;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
