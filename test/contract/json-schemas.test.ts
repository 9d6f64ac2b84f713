import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import { eventContracts, eventJsonSchemas } from '../../scripts/contracts/event-contracts.ts';
import { withMore, without, wrongTypes } from './documents/breakages.ts';
import { emptySchemas } from './documents/empty-schemas.ts';
import { closed, createValidator, faultsOf, isObject } from './documents/strict-schema.ts';

const folder = new URL('../../contracts/schemas/', import.meta.url);
const examples = new Map(eventContracts().map(({ type, example }) => [type, example]));
const schemas = await Promise.all(
  Object.keys(EVENT_SCHEMAS).map(async (type): Promise<[string, Record<string, unknown>]> => {
    const schema: unknown = JSON.parse(await readFile(new URL(`${type}.json`, folder), 'utf8'));
    if (!isObject(schema)) throw new Error(`${type}.json is not a schema`);
    return [type, schema];
  }),
);

test('every event of events/ has a schema, a golden example and a file', async () => {
  const events = new URL('../../events/', import.meta.url);
  const sources = (await readdir(events)).filter((name) => /-v\d+\.ts$/.test(name));
  const files = (await readdir(folder)).map((name) => name.replace(/\.json$/, ''));
  expect(sources).toHaveLength(Object.keys(EVENT_SCHEMAS).length);
  expect(files.sort()).toEqual(Object.keys(EVENT_SCHEMAS).sort());
  expect([...examples.keys()].sort()).toEqual(files.sort());
});

describe.each(schemas)('%s', (type, schema) => {
  const golden = examples.get(type);
  const required = (part: unknown) => (isObject(part) && Array.isArray(part.required) ? part.required : []);
  const data = isObject(schema.$defs) ? schema.$defs.data : undefined;

  test('the golden example is valid, as strictly as ajv can, and wholly described', () => {
    expect(faultsOf(createValidator().compile(schema), golden)).toEqual([]);
    expect(faultsOf(createValidator().compile(Object.assign({}, closed(schema))), golden)).toEqual([]);
  });

  test('a later version may add to it', () => {
    const [more] = withMore(golden);
    expect(faultsOf(createValidator().compile(schema), more?.value)).toEqual([]);
  });

  test('a broken one is refused: another type, or a field that is missing', () => {
    const validate = createValidator().compile(schema);
    const goldenData = isObject(golden) ? golden.data : undefined;
    const breakages = [
      ...wrongTypes(golden),
      ...without(golden, required(schema)),
      ...without(goldenData, required(data)).map(({ what, value }) => ({
        what: `data: ${what}`,
        value: { ...golden, data: value },
      })),
    ];
    const accepted = breakages.filter(({ value }) => faultsOf(validate, value).length === 0);
    expect(accepted.map(({ what }) => what)).toEqual([]);
    expect(breakages.length).toBeGreaterThan(25);
  });

  test('its dataschema names the schema of its data', () => {
    const { dataschema } = Object.assign({ dataschema: '' }, golden);
    const ajv = createValidator();
    ajv.addSchema(schema);
    const validate = ajv.getSchema(dataschema);
    expect(data).toMatchObject({ $id: dataschema });
    expect(validate && faultsOf(validate, isObject(golden) ? golden.data : undefined)).toEqual([]);
    expect(validate?.({})).toBe(false);
  });

  test('no part of it lets everything through', () => {
    expect(emptySchemas(schema)).toEqual([]);
  });
});

test('the schemas go together: no two have an id in common', () => {
  const ajv = createValidator();
  for (const schema of Object.values(eventJsonSchemas())) ajv.addSchema(schema);
  const ids = Object.values(ajv.schemas).length + Object.values(ajv.refs).length;
  expect(ids).toBeGreaterThanOrEqual(2 * schemas.length);
});
