import { glob } from 'node:fs/promises';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { blocksIn, codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';
import { resourcesOf } from './template-resources.ts';

const RUNBOOKS = 'docs/guides/runbooks.md';
const PARTS = ['Means', 'Look', 'Mend', 'Over'];

const alarms = resourcesOf(await compileTemplate(), 'AWS::CloudWatch::Alarm');
const names = alarms.map(({ logicalId }) => logicalId).sort();

test('every alarm is explained: when it is raised, when it ends', async () => {
  const rows = rowsOf(await readPage('docs/reference/alarms.md'));
  expect(rows.flatMap(([alarm = '']) => codesIn(alarm)).sort()).toEqual(names);
  expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
});

test('every alarm has a runbook, every runbook an alarm: what it means, where to look, how to mend it, when it is over', async () => {
  const [, ...sections] = (await readPage(RUNBOOKS)).split(/^## /m);
  expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(names);
  for (const section of sections) {
    expect([...section.matchAll(/^\*\*(\w+)\.\*\* /gm)].map(([, part]) => part)).toEqual(PARTS);
    expect(blocksIn(section, 'sh')[0]).toMatch(/^npx flow-log-activator /);
  }
});

test('the description of every alarm ends with the place of its runbook, and fits into 1,024 characters', () => {
  for (const { logicalId, Properties } of alarms) {
    const { AlarmDescription } = v.parse(v.looseObject({ AlarmDescription: v.string() }), Properties);
    expect(AlarmDescription).toMatch(new RegExp(`\\. Runbook: ${RUNBOOKS}#${logicalId.toLowerCase()}$`));
    expect(AlarmDescription.length).toBeLessThan(1_024);
  }
});

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
