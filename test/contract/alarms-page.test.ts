import { glob } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';
import { resourcesOf } from './template-resources.ts';

test('every alarm is explained, with what to do', async () => {
  const rows = rowsOf(await readPage('docs/reference/alarms.md'));
  const documented = rows.flatMap(([alarm = '']) => codesIn(alarm));
  const alarms = resourcesOf(await compileTemplate(), 'AWS::CloudWatch::Alarm');
  expect(documented.sort()).toEqual(alarms.map(({ logicalId }) => logicalId).sort());
  expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
}, 120_000);

test('every metric is explained, and no other', async () => {
  const page = await readPage('docs/guides/operate.md');
  const documented = rowsOf(sectionOf(page, 'Metrics')).flatMap(([metrics = '']) => codesIn(metrics));
  const files = await Array.fromAsync(glob('{functions,lib}/**/*.ts', { cwd: projectFile('.') }));
  const texts = await Promise.all(files.map(readPage));
  const counted = texts.flatMap((text) =>
    [...text.matchAll(/\bcount\(\s*'([A-Z]\w+)'/g)].map(([, name = '']) => name),
  );
  expect(documented.sort()).toEqual([...new Set(counted)].sort());
});
