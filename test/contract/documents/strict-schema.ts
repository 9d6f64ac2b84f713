import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Strict: an unknown keyword or format, or one that cannot have an effect, is an error. */
export function createValidator(): Ajv2020 {
  // An alternative of `oneOf` may require what the schema around it describes; redocly sees to the rest.
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  formats.default(ajv);
  return ajv;
}

/** What is wrong with the value, as `path message`. */
export function faultsOf(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' ').trim(),
  );
}

/**
 * The schema without room for more: no object has a property that is not described. Published schemas leave that room,
 * for a later version; our own answers and examples must not need it.
 */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([key, member]) => [
    key,
    key === 'allOf' && Array.isArray(member) ? member.map(closedInside) : closed(member),
  ]);
  const isOpen = isObject(schema.properties) && schema.additionalProperties === undefined;
  return { ...Object.fromEntries(members), ...(isOpen && { additionalProperties: false }) };
}

/** One of several that share their properties: it cannot be closed by itself. */
function closedInside(part: unknown): unknown {
  const whole = closed(part);
  if (!isObject(whole)) return whole;
  const { additionalProperties: _, ...open } = whole;
  return open;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
