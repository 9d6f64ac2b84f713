import { describe, expect, test } from 'vitest';
import { readmeFigures } from '../../bench/benchmarks-page.ts';
import { readResults } from '../../bench/results.ts';
import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import { ROUTES } from '../../lib/api/routes.ts';
import { blocksIn, codesIn, linksIn, readPage, rowsOf } from './documents/page.ts';

const readme = await readPage('README.md');
const chinese = await readPage('README.zh-CN.md');

test('README has at most 200 lines', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
});

describe.each([
  ['README', readme],
  ['README in Chinese', chinese],
])('%s', (_name, markdown) => {
  const firstCells = rowsOf(markdown).flatMap(([first = '']) => codesIn(first));

  test('has every route of the API at a glance, and no other', () => {
    const documented = firstCells.filter((code) => /^[A-Z]+ \//.test(code));
    const routes = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
    expect(documented.sort()).toEqual(routes.sort());
  });

  test('has every event at a glance, and no other', () => {
    const documented = firstCells.filter((code) => /\.v\d+$/.test(code));
    expect(documented.sort()).toEqual(Object.keys(EVENT_SCHEMAS).sort());
  });

  test('tells what was measured as it was written down', async () => {
    const numbersIn = (text: string) => (text.match(/\d+(?:\.\d+)?/g) ?? []).sort();
    const measured = readmeFigures(await readResults());
    const told = markdown
      .split('\n')
      .filter((line, index, lines) => line.startsWith('- ') && lines.slice(0, index).some(isAboutBench))
      .slice(0, measured.length);
    expect(told.map(numbersIn)).toEqual(measured.map(numbersIn));
    if (markdown === readme) expect(told).toEqual(measured);
  });
});

test('the states are drawn as in docs/architecture.md', async () => {
  const drawing = blocksIn(readme, '').find((block) => block.includes('queued ──'));
  expect(blocksIn(await readPage('docs/architecture.md'), '')).toContain(drawing);
});

test('README in Chinese has the commands of README, and its outputs', () => {
  expect(blocksIn(chinese, 'sh')).toEqual(blocksIn(readme, 'sh'));
  expect(blocksIn(readme, 'sh').length).toBeGreaterThan(5);
  const outputsOf = (markdown: string) =>
    blocksIn(markdown, '').filter((block) => /^(?:✓|Stored)/.test(block));
  expect(outputsOf(chinese)).toEqual(outputsOf(readme));
  expect(outputsOf(readme)).toHaveLength(2);
});

test('README in Chinese leads to the same pages', () => {
  const pagesOf = (markdown: string) =>
    [...new Set(linksIn(markdown))].filter((path) => !path.startsWith('README')).sort();
  expect(pagesOf(chinese)).toEqual(pagesOf(readme));
});

function isAboutBench(line: string): boolean {
  return line.includes('`npm run bench`');
}
