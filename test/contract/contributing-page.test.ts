import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { blocksIn, codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';

const page = await readPage('CONTRIBUTING.md');

test('every npm script is documented, and every one that is named exists', () => {
  const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
  const documented = rowsOf(sectionOf(page, 'Commands')).flatMap(([command = '']) =>
    [...command.matchAll(/^`npm (?:run )?([\w:-]+)`$/g)].map(([, name = '']) => name),
  );
  expect(documented.sort()).toEqual(Object.keys(manifest.scripts).sort());
  expect(named.filter((name) => !documented.includes(name))).toEqual([]);
});

test('every folder that is named exists', () => {
  const folders = rowsOf(sectionOf(page, 'Folders')).flatMap(([name = '']) => codesIn(name));
  expect(folders).toContain('lib/activation/');
  expect(folders.filter((path) => !existsSync(projectFile(path)))).toEqual([]);
});

test('CI runs the two commands of README, and the workflow runs CI', async () => {
  const [first = ''] = blocksIn(await readPage('README.md'), 'sh');
  const commands = first.split('\n').flatMap((line) => line.split(/ +#/)[0] || []);
  const script = await readPage('.ci/run');
  expect(commands).toHaveLength(2);
  expect(commands.filter((command) => !script.includes(`bare '${command}'\n`))).toEqual([]);
  expect(await readPage('.github/workflows/ci.yml')).toContain('run: bash .ci/run\n');
});

test('the Node that .nvmrc names is the one that the scripts use', async () => {
  expect((await readPage('.nvmrc')).trim()).toBe(manifest.devDependencies.node);
});
