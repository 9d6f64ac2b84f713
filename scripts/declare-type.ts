import * as v from 'valibot';

/** The part of JSON Schema that our events use. Anything else is refused, so that no type is guessed. */
type Schema =
  | { kind: 'const'; value: unknown }
  | { kind: 'enum'; values: unknown[] }
  | { kind: 'union'; schemas: unknown[] }
  | { kind: 'array'; items: unknown }
  | { kind: 'object'; properties: Record<string, unknown>; required: string[]; others?: unknown }
  | { kind: 'primitive'; type: 'string' | 'number' | 'boolean' | 'null' };

const Schema = v.union([
  v.pipe(
    v.looseObject({ const: v.union([v.string(), v.number(), v.boolean(), v.null()]) }),
    v.transform((schema): Schema => ({ kind: 'const', value: schema.const })),
  ),
  v.pipe(
    v.looseObject({ enum: v.array(v.union([v.string(), v.number()])) }),
    v.transform((schema): Schema => ({ kind: 'enum', values: schema.enum })),
  ),
  v.pipe(
    v.looseObject({ anyOf: v.array(v.unknown()) }),
    v.transform((schema): Schema => ({ kind: 'union', schemas: schema.anyOf })),
  ),
  v.pipe(
    v.looseObject({ type: v.literal('array'), items: v.looseObject({}) }),
    v.transform((schema): Schema => ({ kind: 'array', items: schema.items })),
  ),
  v.pipe(
    v.looseObject({
      type: v.literal('object'),
      properties: v.optional(v.record(v.string(), v.looseObject({})), {}),
      required: v.optional(v.array(v.string()), []),
      additionalProperties: v.optional(v.union([v.boolean(), v.looseObject({})]), false),
    }),
    v.transform(
      ({ properties, required, additionalProperties }): Schema => ({
        kind: 'object',
        properties,
        required,
        ...(typeof additionalProperties === 'object' && { others: additionalProperties }),
      }),
    ),
  ),
  v.pipe(
    v.looseObject({ type: v.picklist(['string', 'number', 'integer', 'boolean', 'null']) }),
    v.transform(({ type }): Schema => ({ kind: 'primitive', type: type === 'integer' ? 'number' : type })),
  ),
]);

const Description = v.looseObject({ description: v.optional(v.string()) });

/**
 * Returns the TypeScript type of the values that a JSON Schema allows, with its descriptions as comments. Leaves out
 * the properties that a schema allows without a name: code that reads one is misspelt. Throws for a schema without an
 * exact type.
 */
export function declareType(schema: unknown, indent = ''): string {
  const parsed = v.safeParse(Schema, schema);
  if (!parsed.success) throw new Error(`There is no type for the schema ${JSON.stringify(schema)}.`);
  const { output } = parsed;
  switch (output.kind) {
    case 'const':
      return JSON.stringify(output.value);
    case 'enum':
      return output.values.map((value) => JSON.stringify(value)).join(' | ');
    case 'union':
      return output.schemas.map((member) => declareType(member, indent)).join(' | ');
    case 'array':
      return `Array<${declareType(output.items, indent)}>`;
    case 'object':
      return declareObject(output, indent);
    default:
      return output.type;
  }
}

function declareObject(
  { properties, required, others }: Extract<Schema, { kind: 'object' }>,
  indent: string,
): string {
  const named = Object.entries(properties);
  if (named.length === 0 && others !== undefined) return `Record<string, ${declareType(others, indent)}>`;
  if (named.length === 0 || others !== undefined) {
    throw new Error(
      `There is no type for an object with ${others ? 'named and other' : 'unknown'} properties.`,
    );
  }
  const inner = `${indent}  `;
  const lines = named.map(([name, property]) => {
    const { description } = v.parse(Description, property);
    const comment =
      description === undefined ? '' : `${inner}/** ${description.replaceAll('*/', '*\\/')} */\n`;
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `${comment}${inner}${key}${required.includes(name) ? '' : '?'}: ${declareType(property, inner)};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}
