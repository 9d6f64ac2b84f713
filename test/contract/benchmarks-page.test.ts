import { expect, test } from 'vitest';
import { benchmarksPage } from '../../bench/benchmarks-page.ts';
import { readResults } from '../../bench/results.ts';
import { readPage } from './documents/page.ts';

test('what was measured is told as it was written down: `node bench/write-page.ts` writes it', async () => {
  const page = await readPage('docs/benchmarks.md');
  expect(page).toContain('| verdict |');
  expect(page).toBe(benchmarksPage(await readResults()));
});
