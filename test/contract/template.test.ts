import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileTemplate, parseTemplate, type Template } from '../../scripts/compile-template.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { tempDir } from '../support/temp-dir.ts';
import { templateAccessRules } from './template-access-rules.ts';
import { templateAlarmRules } from './template-alarm-rules.ts';
import { type Breakage, templateBreakages } from './template-breakages.ts';
import { findingsOf } from './template-findings.ts';
import { templateRules } from './template-rules.ts';

const rules: Record<string, (template: Template) => void> = {
  ...templateRules,
  ...templateAccessRules,
  ...templateAlarmRules,
};
const breakages: Record<string, Breakage[]> = templateBreakages;

let template: Template;
// Compiled from nothing, on a busy machine, it takes 20 s.
beforeAll(async () => {
  template = await compileTemplate();
}, 120_000);

describe.each(Object.keys(rules))('%s', (name) => {
  const check = rules[name] ?? expect.unreachable();

  test('holds', () => check(template));

  test.each(breakages[name] ?? [])('notices %s = %j', (place, value) => {
    const broken = breakTemplate(template, [place, value]);
    expect(() => check(broken)).toThrow();
  });
});

test('CloudFormation would accept it: no errors, and no warnings but those of what osls writes', async () => {
  expect(await findingsOf(template)).toEqual([]);
});

test('the validator would notice', async () => {
  const broken = breakTemplate(template, ['ActivationsTable/BillingMode', 'FREE']);
  expect(await findingsOf(broken)).toContainEqual(expect.stringMatching(/ActivationsTable.*FREE/));
});

test('another stage has names and secrets of its own', async () => {
  const text = JSON.stringify(await compileTemplate({ stage: 'prod', region: 'eu-west-1' }));
  expect(text).toContain('secret:flow-log-activator/prod/default-??????');
  expect(text).toContain('secret:flow-log-activator/prod/accounts/*');
  expect(text).not.toMatch(/flow-log-activator[-/]dev|ap-southeast-1/);
}, 120_000);

test('a change in infra/ is a change of the template, although serverless.yml stays', async () => {
  const directory = await tempDir();
  for (const path of ['serverless.yml', 'infra']) {
    await cp(join(PROJECT_DIR, path), join(directory, path), { recursive: true });
  }
  expect(await compileTemplate({ directory })).toEqual(template);
  const outputs = 'Outputs: { BusArn: { Value: !GetAtt EventBus.Arn } }';
  await writeFile(join(directory, 'infra/outputs.yml'), outputs);
  const { Outputs } = await compileTemplate({ directory });
  expect(Outputs).toMatchObject({ BusArn: { Value: { 'Fn::GetAtt': ['EventBus', 'Arn'] } } });
  expect(Outputs).not.toHaveProperty('AlarmTopicArn');
}, 120_000);

function breakTemplate(whole: Template, [place, value]: Breakage): Template {
  const copy: unknown = structuredClone(whole);
  const [logicalId = '', ...properties] = place.split('/').map((key) => key.replaceAll('~1', '/'));
  const keys = logicalId === '' ? properties : ['Resources', logicalId, 'Properties', ...properties];
  const last = keys.pop() ?? expect.unreachable();
  const parent = keys.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), copy);
  if (!isObject(parent)) throw new Error(`The template has no ${place}.`);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return parseTemplate(JSON.stringify(copy));
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null;
}
