import { glob } from 'node:fs/promises';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { blocksIn, codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';
import { resourcesOf } from './template-resources.ts';

const RUNBOOKS = 'docs/guides/runbooks.md';
const PARTS = ['Means', 'Look', 'Mend', 'Over'];

const template = await compileTemplate();
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
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

const Body = v.object({
  'Fn::Sub': v.tuple([
    v.string(),
    v.object({
      WebhookAlarms: v.object({
        'Fn::If': v.tuple([v.string(), v.object({ 'Fn::Sub': v.string() }), v.literal('')]),
      }),
    }),
  ]),
});
const Widgets = v.object({
  widgets: v.array(
    v.object({
      properties: v.looseObject({
        title: v.pipe(v.string(), v.endsWith('?')),
        alarms: v.optional(v.array(v.string()), []),
        metrics: v.optional(v.array(v.tupleWithRest([v.string(), v.string()], v.unknown())), []),
      }),
    }),
  ),
});

test('the dashboard shows every alarm, the metrics that the functions count, and no more than is free', async () => {
  const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
  const [text, { WebhookAlarms }] = v.parse(Body, dashboard?.Properties.DashboardBody)['Fn::Sub'];
  const [condition, { 'Fn::Sub': webhookAlarms }] = WebhookAlarms['Fn::If'];
  const { widgets } = v.parse(Widgets, JSON.parse(text.replace('\u0024{WebhookAlarms}', webhookAlarms)));
  const shown = widgets.flatMap(({ properties }) => properties.alarms);
  expect(shown.map((arn) => arn.slice(2, -'.Arn}'.length)).sort()).toEqual(names);
  const conditional = alarms.filter(({ Condition }) => Condition === condition);
  expect([...webhookAlarms.matchAll(/(\w+)\.Arn/g)].map(([, name]) => name).sort()).toEqual(
    conditional.map(({ logicalId }) => logicalId).sort(),
  );
  const metrics = widgets.flatMap(({ properties }) => properties.metrics);
  expect(metrics.length).toBeLessThanOrEqual(50);
  const ours = metrics.filter(([namespace]) => namespace === 'flow-log-activator').map(([, name]) => name);
  expect(await countedMetrics()).toEqual(expect.arrayContaining(ours));
});

test('every metric is explained, and no other', async () => {
  const page = await readPage('docs/guides/operate.md');
  const documented = rowsOf(sectionOf(page, 'Metrics')).flatMap(([metrics = '']) => codesIn(metrics));
  expect(documented.sort()).toEqual(await countedMetrics());
});

async function countedMetrics(): Promise<string[]> {
  const files = await Array.fromAsync(glob('{functions,lib}/**/*.ts', { cwd: projectFile('.') }));
  const texts = await Promise.all(files.map(readPage));
  const counted = texts.flatMap((text) =>
    [...text.matchAll(/\bcount\(\s*'([A-Z]\w+)'/g)].map(([, name = '']) => name),
  );
  return [...new Set(counted)].sort();
}
