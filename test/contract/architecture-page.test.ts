import { glob } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DUE_SHARDS } from '../../lib/aws/item-key.ts';
import { codesIn, pagePaths, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';

const page = await readPage('docs/architecture.md');
const invariants = sectionOf(page, 'Invariants').split(/^### /m).slice(1);
/** "Rule 5" is how comments cited what is "Invariant 5" now. */
const CITATION = /\b(?:invariants?|rules?) (\d+)\b/gi;

describe('the invariants', () => {
  test('are numbered from 1, without a gap', () => {
    const numbers = invariants.map((text) => Number.parseInt(text, 10));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(16);
  });

  test('name each the tests that hold it', () => {
    expect(invariants.filter((text) => !/^Held by `test\//m.test(text))).toEqual([]);
  });

  test('are all that code, tests and pages cite', async () => {
    const files = await Array.fromAsync(
      glob(
        [
          '{functions,lib,events,local,scripts,bench,test,examples,infra}/**/*.{ts,cjs,mjs,yml}',
          'serverless.yml',
        ],
        { cwd: projectFile('.'), exclude: ['**/node_modules/**', '**/dist/**'] },
      ),
    );
    const texts = await Promise.all([...files, ...(await pagePaths())].map(readPage));
    const cited = texts.flatMap((text) => [...text.matchAll(CITATION)].map(([, number]) => Number(number)));
    expect(cited).toContain(16);
    expect(cited.filter((number) => number < 1 || number > invariants.length)).toEqual([]);
  });
});

test('each guarantee names the tests that hold it', async () => {
  const [, table = ''] = /(\| guarantee \|[\s\S]*?)\n\n/.exec(await readPage('docs/guarantees.md')) ?? [];
  const rows = rowsOf(table);
  expect(rows.length).toBeGreaterThanOrEqual(13);
  expect(rows.filter(([, , held = '']) => !held.startsWith('`test/'))).toEqual([]);
});

test('every function is described', async () => {
  const described = rowsOf(sectionOf(page, 'The way of an activation')).flatMap(([names = '']) =>
    codesIn(names),
  );
  const files = await Array.fromAsync(glob('functions/*.ts', { cwd: projectFile('.') }));
  expect(described.sort()).toEqual(
    files.map((path) => path.slice('functions/'.length, -'.ts'.length)).sort(),
  );
});

test('the shards of the index `due` are as many as there are', () => {
  expect(page).toContain(`\`dueShard\` (${DUE_SHARDS})`);
});
