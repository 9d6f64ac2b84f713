import { glob, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { volcengineSettings } from '../../functions/wiring/volcengine.ts';
import { policySettings } from '../../functions/wiring/workflow.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { parameterNameOf } from '../../scripts/fill-parameters.ts';
import { SETTINGS } from '../../scripts/settings.ts';
import { settingsPage } from '../../scripts/settings-page.ts';
import { codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';
import { functionsOf } from './template-resources.ts';

const page = await readPage('docs/reference/configuration.md');

describe('the configuration', () => {
  /** By name the default of each variable: the settings' of the table, the others' of the page. */
  const documented = new Map([
    ...Object.values(SETTINGS).flatMap(({ variable, byStage, default: value }) =>
      variable === undefined
        ? []
        : [[variable, byStage?.replace('<stage>', 'dev') ?? String(value)] as const],
    ),
    ...rowsOf(sectionOf(page, 'Variables')).flatMap(([names = '', values = '']) =>
      codesIn(names).map((name, index) => [name, codesIn(values)[index]] as const),
    ),
  ]);

  test('has the settings as `npm run contracts` writes them', async () => {
    expect(page).toBe(await settingsPage());
  });

  test('names every variable that the functions read or the template sets, and no other', async () => {
    const sources = await Array.fromAsync(glob('{functions,lib/config}/**/*.ts', { cwd: projectFile('.') }));
    const texts = await Promise.all(sources.map((path) => readFile(projectFile(path), 'utf8')));
    const read = [...texts.join('\n').matchAll(/(?:text|Text|Or|Of)\(\s*'([A-Z][A-Z_]+)'/g)].map(
      ([, name]) => name,
    );
    expect(read).toContain('POLL_QUEUE_URL');
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
      expect({ name, value: documented.get(name) }).toEqual({ name, value });
    }
  }, 120_000);

  test('gives the defaults of the code', () => {
    const { endpoint } = volcengineSettings;
    for (const { name, parse } of [...Object.values(policySettings), endpoint]) {
      expect({ name, value: documented.get(name) }).toEqual({ name, value: String(parse(undefined)) });
    }
  });

  test('says in which variable serverless.yml puts a setting', async () => {
    const source = await readFile(projectFile('serverless.yml'), 'utf8');
    const set = [...source.matchAll(/^ +([A-Z_]+): !Ref (\w+)$/gm)].map(([, variable, name]) => [
      name,
      variable,
    ]);
    const expected = Object.entries(SETTINGS).flatMap(([name, { variable, byStage }]) =>
      variable === undefined || byStage !== undefined ? [] : [[parameterNameOf(name), variable]],
    );
    const parameters = new Set(Object.keys(SETTINGS).map(parameterNameOf));
    const found = set.filter(([name = '']) => parameters.has(name));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });
});
