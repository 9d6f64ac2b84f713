import { isObject } from './strict-schema.ts';

/** Keywords of which a schema must have one to demand anything. */
const DEMANDS = ['$ref', 'allOf', 'anyOf', 'const', 'enum', 'not', 'oneOf', 'required', 'type'];

/** The places of schemas, anywhere in a document, that let everything through. */
export function emptySchemas(node: unknown, path = ''): string[] {
  if (!isObject(node) && !Array.isArray(node)) return [];
  return Object.entries(node).flatMap(([key, member]) => {
    const place = `${path}/${key}`;
    if (['example', 'examples', 'value', 'default', 'enum', 'const'].includes(key)) return [];
    const schemas = schemasUnder(key, member).filter(
      ([, schema]) => !isObject(schema) || !DEMANDS.some((keyword) => keyword in schema),
    );
    return [...schemas.map(([name]) => `${place}${name}`), ...emptySchemas(member, place)];
  });
}

/** Schemas that stand directly under a keyword. */
function schemasUnder(key: string, member: unknown): [string, unknown][] {
  if (['schema', 'items', 'additionalProperties', 'propertyNames', 'payload', 'not'].includes(key)) {
    return typeof member === 'boolean' ? [] : [['', member]];
  }
  const isMap = ['properties', 'schemas', '$defs'].includes(key) && isObject(member);
  const isList = ['allOf', 'anyOf', 'oneOf'].includes(key) && Array.isArray(member);
  return isMap || isList ? Object.entries(member).map(([name, schema]) => [`/${name}`, schema]) : [];
}
