import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

export const PROJECT = realpathSync(new URL('../..', import.meta.url).pathname);

const git = (...words: string[]) =>
  execFileSync('git', words, { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/**
 * For `beforeEach`: fails in a shallow clone, which can be mended, and skips, with the reason, in a copy without the
 * repository.
 */
export function needsHistory({ skip }: { skip: (why: string) => void }): void {
  if (!isClone()) skip('this directory is no clone of the repository: its history has the released versions');
  if (git('rev-parse', '--is-shallow-repository') === 'true') {
    throw new Error(
      'this clone is shallow, and its history has the released versions: git fetch --unshallow',
    );
  }
}

function isClone(): boolean {
  try {
    return realpathSync(git('rev-parse', '--show-toplevel')) === PROJECT;
  } catch {
    return false;
  }
}

/** The commit that gave package.json this version. Throws if there is none. */
export function releaseCommit(version: string): string {
  const [commit] = git(
    'log',
    '--reverse',
    '--format=%H',
    `-S"version": "${version}"`,
    '--',
    'package.json',
  ).split('\n');
  if (!commit) throw new Error(`no commit of this clone gave package.json the version ${version}`);
  return commit;
}

/** The text of a file as a release had it; undefined if it had none. */
export function releasedFile(commit: string, path: string): string | undefined {
  if (git('ls-tree', '--name-only', commit, path) === '') return undefined;
  return git('show', `${commit}:${path}`);
}

/** Writes the whole release into an empty directory. It has the dependencies of today, and a cache of its own. */
export async function extractRelease(version: string, directory: string): Promise<string> {
  const archive = execFileSync('git', ['archive', releaseCommit(version)], {
    cwd: PROJECT,
    maxBuffer: 2 ** 30,
  });
  execFileSync('tar', ['x', '-C', directory], { input: archive });
  const modules = join(PROJECT, 'node_modules');
  await mkdir(join(directory, 'node_modules'));
  for (const name of await readdir(modules)) {
    if (name !== '.cache') await symlink(join(modules, name), join(directory, 'node_modules', name));
  }
  return directory;
}
