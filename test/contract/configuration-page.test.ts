import { glob, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { volcengineSettings } from '../../functions/wiring/volcengine.ts';
import { policySettings } from '../../functions/wiring/workflow.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';
import { functionsOf } from './template-resources.ts';

const page = await readPage('docs/reference/configuration.md');

describe('the configuration', () => {
  const documented = new Map(
    rowsOf(sectionOf(page, 'Variables')).flatMap(([names = '', values = '', custom = '']) =>
      codesIn(names)
        .filter((name) => /^[A-Z_]+$/.test(name))
        .map((name, index) => [name, { value: codesIn(values)[index], custom: codesIn(custom)[0] }]),
    ),
  );

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
      expect({ name, value: documented.get(name)?.value }).toEqual({ name, value });
    }
  }, 120_000);

  test('gives the defaults of the code', () => {
    const { endpoint } = volcengineSettings;
    for (const { name, parse } of [...Object.values(policySettings), endpoint]) {
      expect({ name, value: documented.get(name)?.value }).toEqual({ name, value: String(parse(undefined)) });
    }
  });

  test('names every setting of serverless.yml', async () => {
    const source = await readFile(projectFile('serverless.yml'), 'utf8');
    const [, custom = ''] = /^custom:\n(.*?)^\S/ms.exec(source) ?? [];
    const settings = [...custom.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    const named = new Set(codesIn(page));
    expect(settings).toContain('throttling');
    expect(settings.filter((name) => name !== undefined && !named.has(name))).toEqual([]);
  });

  test('says where a value is set in serverless.yml', async () => {
    const source = await readFile(projectFile('serverless.yml'), 'utf8');
    const set = [...source.matchAll(/^ +([A-Z_]+): \$\{self:custom\.(\w+)\}$/gm)];
    const expected = Object.fromEntries(set.map(([, name = '', custom]) => [name, custom]));
    const found = [...documented].flatMap(([name, { custom }]) => (custom ? [[name, custom]] : []));
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});
