import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import {
  anchorsOf,
  blocksIn,
  codesIn,
  firstLineOf,
  linksIn,
  pagePaths,
  projectFile,
  readPage,
  rowsOf,
  sectionOf,
  withoutBlocks,
} from './documents/page.ts';

const paths = await pagePaths();
const pages = await Promise.all(paths.map(async (path) => ({ path, markdown: await readPage(path) })));
const pageOf = (path: string) => pages.find((page) => page.path === path)?.markdown ?? '';
const exists = (path: string) => existsSync(projectFile(path));

describe('a reader', () => {
  const isDecision = (path: string) => path.startsWith('docs/adr/0');
  const map = rowsOf(sectionOf(pageOf('README.md'), 'The docs')).flatMap(([reader = '', read = '']) =>
    linksIn(read).map((path) => ({ reader, path })),
  );

  test('is named in the first line of every page', () => {
    const silent = pages.filter(({ markdown }) => !/\bFor \w|^写给/.test(firstLineOf(markdown)));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('finds every page once in README, where the page itself names that reader', () => {
    const others = paths.filter((path) => !path.startsWith('README') && !isDecision(path));
    expect(map.map(({ path }) => path).sort()).toEqual(others);
    const misplaced = map.filter(({ reader, path }) => {
      const [, readers = ''] = /\bFor ([^:.]+)[:.]/.exec(firstLineOf(pageOf(path))) ?? [];
      return !readers.includes(reader);
    });
    expect(misplaced).toEqual([]);
  });

  test('finds every decision in their list, under its own title', () => {
    const listed = rowsOf(pageOf('docs/adr/README.md')).flatMap(([number = '']) => linksIn(number));
    const decisions = paths.filter(isDecision);
    expect(listed.map((path) => `docs/adr/${path}`)).toEqual(decisions);
    const numbers = decisions.map((path) => /^# (\d+): /.exec(pageOf(path))?.[1]);
    expect(decisions.map((path) => path.slice('docs/adr/'.length, -'.md'.length).slice(0, 4))).toEqual(
      numbers,
    );
  });
});

describe('what pages name exists', () => {
  test('every link leads to a file, and to a heading in it', async () => {
    const broken = pages.flatMap(({ path, markdown }) =>
      linksIn(markdown).filter((target) => {
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path : join(dirname(path), file);
        if (!exists(found)) return true;
        return anchor !== undefined && !anchorsOf(pageOf(found)).includes(anchor);
      }),
    );
    expect(broken).toEqual([]);
    expect(pages.flatMap(({ markdown }) => linksIn(markdown)).length).toBeGreaterThan(150);
  });

  test('every path of the repository', async () => {
    const folders = await Array.fromAsync(glob('*/', { cwd: projectFile('.') }));
    const tops = folders.filter((folder) => !['node_modules', 'dist', 'coverage'].includes(folder));
    const named = pages
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ markdown }) => codesIn(withoutBlocks(markdown)))
      .filter((code) => tops.some((top) => code.startsWith(`${top}/`)) && !/[\s*<…]/.test(code));
    expect(named).toContain('lib/activation/');
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });

  test('every npm script, and every program of an example', () => {
    const named = pages.flatMap(({ markdown }) =>
      [...markdown.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name),
    );
    expect(named).toContain('demo');
    expect(named.filter((name) => !Object.keys(manifest.scripts).includes(name))).toEqual([]);
    const programs = pages.flatMap(({ markdown }) =>
      [...markdown.matchAll(/npx node (\S+\.ts)/g)].map(([, path = '']) => path),
    );
    expect(programs.filter((path) => !exists(path))).toEqual([]);
  });

  test('every test, by the name that it has in its file', async () => {
    const named = pages.flatMap(({ markdown }) =>
      [...markdown.matchAll(/`(test\/[\w/.-]+\.ts)`: (.+?)(?=;|<br>| \||\.$)/gm)].map(
        ([, path = '', name = '']) => ({ path, name }),
      ),
    );
    const sources = new Map(
      await Promise.all(
        [...new Set(named.map(({ path }) => path))].map(
          async (path) => [path, await readPage(path)] as const,
        ),
      ),
    );
    expect(named.filter(({ path, name }) => !sources.get(path)?.includes(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(60);
  });

  test('every page that code, tests, examples and configuration name', async () => {
    const files = await Array.fromAsync(
      glob(
        [
          '{functions,lib,events,local,scripts,bench,test,examples,infra,contracts}/**/*.{ts,mjs,cjs,yml,yaml,md}',
          '*.{yml,json,ts}',
          '.ci/*',
          '.github/**/*.yml',
        ],
        { cwd: projectFile('.'), exclude: ['**/node_modules/**', '**/dist/**', 'package-lock.json'] },
      ),
    );
    const texts = await Promise.all(files.map(readPage));
    const named = texts.flatMap((text) => text.match(/\bdocs\/[\w-]+(?:\/[\w-]+)*\.md/g) ?? []);
    expect(named).toContain('docs/guides/accounts.md');
    expect([...new Set(named)].filter((path) => !exists(path))).toEqual([]);
  });
});

test('no example shows a progress meter', () => {
  const calls = pages.flatMap(({ markdown }) =>
    blocksIn(markdown, 'sh').flatMap((script) => script.match(/\bcurl .*/g) ?? []),
  );
  expect(calls.length).toBeGreaterThan(25);
  expect(calls.filter((call) => !call.startsWith('curl -s'))).toEqual([]);
});
