import * as v from 'valibot';
import { expect, test } from 'vitest';
import { issuesWithUnknownKeys } from '../../../lib/http/unknown-keys.ts';

const schema = v.strictObject({
  name: v.string(),
  list: v.optional(v.array(v.strictObject({ id: v.optional(v.string()) }))),
});

function placesOf(value: unknown): string[] {
  return issuesWithUnknownKeys(schema, value, v.safeParse(schema, value).issues).map(({ path = [] }) =>
    path.map(({ key }) => key).join('.'),
  );
}

test('every unknown key is named once, at every depth, beside all else that is wrong', () => {
  const value = { a: 1, list: [{ id: '1' }, { b: 1, c: {} }, { id: 2, d: null }], e: undefined, f: 1 };
  const before = structuredClone(value);
  expect(placesOf(value).sort()).toEqual([
    'a',
    'e',
    'f',
    'list.1.b',
    'list.1.c',
    'list.2.d',
    'list.2.id',
    'name',
  ]);
  expect(value).toEqual(before);
});

test.each([[{ name: 'x' }], ['no object'], [null], [[]]])(
  'of %j Valibot names all that there is',
  (value) => {
    expect(placesOf(value)).toEqual(
      (v.safeParse(schema, value).issues ?? []).map(({ path }) => path?.[0].key ?? ''),
    );
  },
);

test('thousands of keys are not all named', () => {
  const value = {
    name: 'x',
    ...Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`key${at}`, 1])),
  };
  expect(placesOf(value)).toHaveLength(20);
});

test('an unknown key may hold anything, however deep', () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
  expect(placesOf({ name: 'x', deep, list: [{ deep }] }).sort()).toEqual(['deep', 'list.0.deep']);
});
