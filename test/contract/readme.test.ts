import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { activationCompletedExample } from '../../events/activation-completed-v1.ts';
import { volcengineSettings } from '../../functions/compose/volcengine.ts';
import { policySettings } from '../../functions/compose/workflow.ts';
import { ROUTES } from '../../functions/http/routes.ts';
import { deadLetterOf } from '../../lib/activation/facts.ts';
import { FAILURE_REASONS } from '../../lib/activation/outcome.ts';
import { type Decision, ERROR_TABLE } from '../../lib/volcengine/error-table.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { anActivation } from '../fakes/activations.ts';
import { functionsOf, resourcesOf } from './template-resources.ts';

const run = promisify(execFile);
const projectFile = (path: string) => new URL(`../../${path}`, import.meta.url);
const readme = await readFile(projectFile('README.md'), 'utf8');

test('every npm script is documented, and every one that is named exists', async () => {
  const { scripts } = v.parse(
    v.object({ scripts: v.record(v.string(), v.string()) }),
    JSON.parse(await readFile(projectFile('package.json'), 'utf8')),
  );
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
  const documented = rowsOf(sectionOf(readme, 'Development')).flatMap(([command = '']) =>
    [...command.matchAll(/^`npm (?:run )?([\w:-]+)`$/g)].map(([, name]) => name),
  );
  expect(documented.sort()).toEqual(Object.keys(scripts).sort());
  expect(named.filter((name) => !documented.includes(name))).toEqual([]);
});

test('what was measured is told as it was written down', async () => {
  const { stdout } = await run(process.execPath, ['bench/readme-table.ts'], {
    cwd: projectFile('.').pathname,
  });
  expect(stdout).toContain('| verdict |');
  expect(sectionOf(readme, 'Measured')).toContain(stdout.trim());
});

test('no example shows a progress meter', async () => {
  const paths = await Array.fromAsync(
    glob(['README.md', 'docs/*.md', 'local/*/README.md'], { cwd: projectFile('.') }),
  );
  const examples = (await Promise.all(paths.map((path) => readFile(projectFile(path), 'utf8')))).flatMap(
    (markdown) => [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, script = '']) => script),
  );
  const calls = examples.flatMap((script) => script.match(/\bcurl .*/g) ?? []);
  expect(calls.length).toBeGreaterThan(25);
  expect(calls.filter((call) => !call.startsWith('curl -s'))).toEqual([]);
});

test('every file and folder that is named exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path ?? '');
  const folders = rowsOf(sectionOf(readme, 'Development')).flatMap(([name = '']) =>
    codesIn(name).filter((code) => code.endsWith('/')),
  );
  expect(links).not.toEqual([]);
  expect(folders).not.toEqual([]);
  expect([...links, ...folders].filter((path) => !existsSync(projectFile(path)))).toEqual([]);
});

test('the routes are those of the API', () => {
  const documented = rowsOf(sectionOf(readme, 'HTTP API')).flatMap(([route = '']) =>
    codesIn(route).filter((code) => /^[A-Z]+ \//.test(code)),
  );
  const routes = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  expect(documented.sort()).toEqual(routes.sort());
});

test('the event is the golden example', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(sectionOf(readme, 'Events')) ?? [];
  expect(JSON.parse(json)).toEqual(activationCompletedExample);
});

test('the failure reasons are the closed list, each with whether a redrive helps', () => {
  const documented = rowsOf(sectionOf(readme, 'Why an activation fails')).map(([reason = '', , helps]) => [
    codesIn(reason)[0],
    helps,
  ]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(
      FAILURE_REASONS.map((reason) => [
        reason,
        deadLetterOf(anActivation({ status: 'failed', reason })).redriveHelps ? 'yes' : 'no',
      ]),
    ),
  );
});

test('the error table has every code, under the decision and the statuses of the code', () => {
  const documented = rowsOf(sectionOf(readme, 'What we do with each error')).map(
    ([decision = '', codes = '', statuses = '']) => ({
      decision,
      codes: codesIn(codes).sort(),
      statuses: statuses.split(', ').map(Number).sort(),
    }),
  );
  const decided = Map.groupBy(ERROR_TABLE, ({ decision }) => describeDecision(decision));
  const expected = [...decided].map(([decision, rows]) => ({
    decision,
    codes: rows.map(({ code }) => code).sort(),
    statuses: [...new Set(rows.flatMap(({ httpStatus }) => httpStatus))].sort(),
  }));
  const byDecision = (a: { decision: string }, b: { decision: string }) => (a.decision < b.decision ? -1 : 1);
  expect(documented.sort(byDecision)).toEqual(expected.sort(byDecision));
});

test('every alarm is explained', async () => {
  const documented = rowsOf(sectionOf(readme, 'Deploy')).flatMap(([alarm = '']) => codesIn(alarm));
  const alarms = resourcesOf(await compileTemplate(), 'AWS::CloudWatch::Alarm');
  expect(documented.sort()).toEqual(alarms.map(({ logicalId }) => logicalId).sort());
}, 120_000);

function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'retry':
      if (decision.clock) return 'retry, clock corrected';
      return decision.soon ? 'retry soon' : 'retry';
    case 'hold':
      return decision.credentials ? 'hold, keys read again' : 'hold';
    case 'dead-letter':
      return `failed: ${decision.reason}`;
    default:
      return decision.kind;
  }
}

describe('the configuration', () => {
  const documented = new Map(
    rowsOf(sectionOf(readme, 'Configuration')).flatMap(([names = '', values = '', custom = '']) =>
      codesIn(names)
        .filter((name) => /^[A-Z_]+$/.test(name))
        .map((name, index) => [name, { value: codesIn(values)[index], custom: codesIn(custom)[0] }]),
    ),
  );

  test('names every variable that the functions read or the template sets, and no other', async () => {
    const sources = await Array.fromAsync(glob('functions/**/*.ts', { cwd: projectFile('.') }));
    const texts = await Promise.all(sources.map((path) => readFile(projectFile(path), 'utf8')));
    const read = [...texts.join('\n').matchAll(/(?:text|Text|Or|Of)\(\s*'([A-Z][A-Z_]+)'/g)].map(
      ([, name]) => name,
    );
    expect(read).toContain('POLL_WHEN_IDLE');
    const set = functionsOf(await compileTemplate()).flatMap(({ Environment }) =>
      Object.keys(Environment.Variables),
    );
    expect([...documented.keys()].sort()).toEqual([...new Set([...read, ...set])].sort());
  }, 120_000);

  test('gives the values of the template', async () => {
    const functions = functionsOf(await compileTemplate());
    for (const [name, value] of functions.flatMap(({ Environment }) =>
      Object.entries(Environment.Variables),
    )) {
      expect({ name, value: documented.get(name)?.value }).toEqual({ name, value });
    }
  }, 120_000);

  test('gives the defaults of the code', () => {
    const { endpoint, workerConcurrency } = volcengineSettings;
    for (const { name, parse } of [...Object.values(policySettings), endpoint, workerConcurrency]) {
      expect({ name, value: documented.get(name)?.value }).toEqual({ name, value: String(parse(undefined)) });
    }
  });

  test('names every setting of serverless.yml', async () => {
    const source = await readFile(projectFile('serverless.yml'), 'utf8');
    const [, custom = ''] = /^custom:\n(.*?)^\S/ms.exec(source) ?? [];
    const settings = [...custom.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    const section = new Set(codesIn(sectionOf(readme, 'Configuration')));
    expect(settings).toContain('throttling');
    expect(settings.filter((name) => name !== undefined && !section.has(name))).toEqual([]);
  });

  test('says where a value is set in serverless.yml', async () => {
    const source = await readFile(projectFile('serverless.yml'), 'utf8');
    const set = [...source.matchAll(/^ +([A-Z_]+): \$\{self:custom\.(\w+)\}$/gm)];
    const expected = Object.fromEntries(set.map(([, name = '', custom]) => [name, custom]));
    const found = [...documented].flatMap(([name, { custom }]) => (custom ? [[name, custom]] : []));
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});

/** The text under a heading of the second level. Throws when there is no such heading. */
function sectionOf(markdown: string, heading: string): string {
  const section = markdown.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`README has no section "${heading}".`);
  return section;
}

/** The cells of every table row in the text; not of the tables' headings. */
function rowsOf(section: string): string[][] {
  return section
    .split('\n')
    .filter((line, index, lines) => line.startsWith('| ') && !lines[index + 1]?.startsWith('|--'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** What stands in backticks. */
function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
