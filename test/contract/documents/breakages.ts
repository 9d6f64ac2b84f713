import { isObject } from './strict-schema.ts';

export type Breakage = { what: string; value: unknown };

/** No schema here takes a list with an empty list in it. */
const OTHER_TYPE = [[]];

/** Copies of a JSON value, each with one of its values, however deep, replaced by one of another type. */
export function wrongTypes(value: unknown, path = ''): Breakage[] {
  const wrong = { what: `${path} is of another type`, value: OTHER_TYPE };
  if (Array.isArray(value)) {
    const members = value.flatMap((member, index) =>
      wrongTypes(member, `${path}/${index}`).map((broken) => ({
        what: broken.what,
        value: value.with(index, broken.value),
      })),
    );
    return [wrong, ...members];
  }
  if (!isObject(value)) return [wrong];
  const members = Object.entries(value).flatMap(([key, member]) =>
    wrongTypes(member, `${path}/${key}`).map((broken) => ({
      what: broken.what,
      value: { ...value, [key]: broken.value },
    })),
  );
  return [wrong, ...members];
}

/** Copies without one of the fields each. */
export function without(value: unknown, fields: readonly string[]): Breakage[] {
  if (!isObject(value)) return [];
  return fields.map((field) => {
    const { [field]: _, ...rest } = value;
    return { what: `${field} is missing`, value: rest };
  });
}

/** A copy with a field that is not described. */
export function withMore(value: unknown): Breakage[] {
  return isObject(value)
    ? [{ what: 'there is an undocumented field', value: { ...value, undocumented: 1 } }]
    : [];
}
