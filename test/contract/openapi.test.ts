import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import openapi from '../../contracts/openapi.json' with { type: 'json' };
import { ROUTES } from '../../lib/api/routes.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { contractFiles } from '../../scripts/contracts.ts';
import { tempDir } from '../support/temp-dir.ts';
import { withMore, without, wrongTypes } from './documents/breakages.ts';
import { emptySchemas } from './documents/empty-schemas.ts';
import { readHttpDocument } from './documents/http-document.ts';
import { lintOpenApi } from './documents/redocly.ts';
import { faultsOf, isObject } from './documents/strict-schema.ts';
import { resourcesOf } from './template-resources.ts';

const contracts = new URL('../../contracts/', import.meta.url).pathname;
const document = readHttpDocument(openapi);

test('the files in contracts/ are what the code makes: `npm run contracts` writes them', async () => {
  const made = await contractFiles();
  const files = (await readdir(contracts, { recursive: true })).filter((name) =>
    /\.(json|yaml|ts)$/.test(name),
  );
  expect(files.sort()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) {
    expect({ name, text: await readFile(join(contracts, name), 'utf8') }).toEqual({ name, text });
  }
});

test('the paths and methods are those of the API', () => {
  const documented = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  expect(documented.sort()).toEqual(routes.sort());
});

test('those who need no IAM authorisation are those of the template', async () => {
  const routes = resourcesOf(await compileTemplate(), 'AWS::ApiGatewayV2::Route');
  const open = routes.filter(({ Properties }) => Properties.AuthorizationType === undefined);
  const documented = document.operations.filter(({ isOpen }) => isOpen);
  expect(documented.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    open.map(({ Properties }) => Properties.RouteKey).sort(),
  );
}, 120_000);

describe('redocly lint, recommended rules', () => {
  test('finds no error and no warning', async () => {
    const { totals, problems } = await lintOpenApi(join(contracts, 'openapi.yaml'));
    expect({ totals, problems }).toEqual({ totals: { errors: 0, warnings: 0, ignored: 0 }, problems: [] });
  });

  test.each([
    ['info-license', { ...openapi, info: { title: 'x', version: '1' } }],
    ['operation-operationId-unique', withOperation({ operationId: 'readBatch' })],
    ['security-defined', withOperation({ security: [{ other: [] }] })],
    ['no-unresolved-refs', withOperation({ responses: { 200: { $ref: '#/components/responses/None' } } })],
  ])('finds %s in a broken document', async (rule, broken) => {
    const path = join(await tempDir(), 'openapi.yaml');
    await writeFile(path, stringify(broken));
    expect((await lintOpenApi(path)).problems.map(({ ruleId }) => ruleId)).toContain(rule);
  });
});

/** The document with something else in its health check. */
function withOperation(change: object): object {
  const { '/healthz': health, ...paths } = openapi.paths;
  return { ...openapi, paths: { ...paths, '/healthz': { get: { ...health.get, ...change } } } };
}

function placesIn<Content>(place: string, content: Record<string, Content> = {}) {
  return Object.entries(content).map(([type, described]) => ({
    place: `${place} ${type}`,
    content: described,
  }));
}

const contents = document.operations.flatMap(({ operationId, body, responses }) => [
  ...placesIn(operationId, body?.content),
  ...Object.entries(responses).flatMap(([status, { content }]) =>
    placesIn(`${operationId} ${status}`, content),
  ),
]);

describe('the examples, by ajv', () => {
  test('there is one for each body of each operation, and each is valid and wholly described', () => {
    for (const { place, content } of contents) {
      const examples = Object.values(content.examples);
      expect([place, examples.length]).not.toEqual([place, 0]);
      const faults = examples.flatMap((value) => faultsOf(content.validate, value));
      expect([place, faults]).toEqual([place, []]);
    }
  });

  test('each is refused once it is broken: a value of another type, a field that is missing or too many', () => {
    let broken = 0;
    for (const { place, content } of contents.filter(({ place: where }) => !FREE.includes(where))) {
      for (const example of Object.values(content.examples)) {
        const required = isObject(content.schema) ? requiredOf(content.schema) : [];
        const breakages = [...wrongTypes(example), ...without(example, required), ...withMore(example)];
        const accepted = breakages.filter(({ value }) => faultsOf(content.validate, value).length === 0);
        expect({ place, accepted: accepted.map(({ what }) => what) }).toEqual({ place, accepted: [] });
        broken += breakages.length;
      }
    }
    expect(broken).toBeGreaterThan(1_000);
  });
});

/** The contents that are not ours to describe: a sender's payload, and this document. */
const FREE = ['receiveWebhook application/json', 'readContract 200 application/json'];

/** Required fields, through a reference. */
function requiredOf({ $ref, required = [] }: Record<string, unknown>): string[] {
  const named = Object.entries(openapi.components.schemas).find(
    ([name]) => $ref === `#/components/schemas/${name}`,
  );
  return v.parse(v.array(v.string()), named && 'required' in named[1] ? named[1].required : required);
}

test('no schema lets everything through, but for what is not ours: a sender’s payload, and OpenAPI itself', () => {
  expect(emptySchemas(openapi)).toEqual([
    '/paths//webhooks/{source}/post/requestBody/content/application/json/schema',
    '/paths//openapi.json/get/responses/200/content/application/json/schema/additionalProperties',
  ]);
  expect(emptySchemas({ properties: { a: { description: 'anything' }, b: { items: {} } } })).toHaveLength(3);
});
