import {
  type ConversionConfig,
  type JsonSchema,
  type OverrideSchemaContext,
  toJsonSchema,
  toJsonSchemaDefs,
} from '@valibot/to-json-schema';
import type * as v from 'valibot';

type Schemas = Record<string, v.GenericSchema>;

/** A value is described as it is after parsing: a pipe by its last schema and what follows it. */
const CONFIG = {
  target: 'draft-2020-12',
  typeMode: 'output',
  errorMode: 'throw',
  // What a check demands is said in words or keywords beside it, see requireWords.
  ignoreActions: ['check'],
  overrideSchema: withoutEmptyRules,
} as const satisfies ConversionConfig;

/**
 * JSON Schema 2020-12 of valibot schemas; where one of `named` stands in another, there is a reference to it, its name
 * behind `prefix`. Throws for anything that JSON Schema cannot say, and for a check without words.
 */
export function createConverter(named: Schemas, prefix: string) {
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  const overrideRef = ({ referenceId }: { referenceId: string }) => prefix + referenceId;
  return {
    named(): Record<string, JsonSchema> {
      for (const [name, schema] of Object.entries(named)) requireWords(schema, name);
      return toJsonSchemaDefs(named, { ...CONFIG, overrideRef });
    },
    /** Only a reference if it has a name. */
    convert(schema: v.GenericSchema): JsonSchema {
      const name = names.get(schema);
      if (name !== undefined) return { $ref: prefix + name };
      requireWords(schema, '');
      const config = { ...CONFIG, overrideRef, definitions: named };
      const { $schema: _, $defs: __, ...converted } = toJsonSchema(schema, config);
      return converted;
    },
  };
}

function withoutEmptyRules({ jsonSchema, errors }: OverrideSchemaContext): JsonSchema | undefined {
  if (errors) return undefined;
  const { required = [], propertyNames, ...rules } = jsonSchema;
  const isAnyName = JSON.stringify(propertyNames) === '{"type":"string"}';
  return {
    ...rules,
    ...(required.length > 0 && { required }),
    ...(propertyNames !== undefined && !isAnyName && { propertyNames }),
  };
}

const MEMBERS = ['entries', 'item', 'items', 'key', 'options', 'value', 'wrapped'];

/** A check is code: what it demands must stand behind it, as a description or as keywords of JSON Schema. */
function requireWords(node: unknown, path: string): void {
  if (typeof node !== 'object' || node === null) return;
  const steps = stepsOf(node);
  const types = steps.map((step) => ('type' in step ? step.type : undefined));
  const words = Math.max(types.lastIndexOf('description'), types.lastIndexOf('metadata'));
  if (types.lastIndexOf('check') > words) {
    throw new Error(`${path}: there is a check without a description or metadata behind it`);
  }
  for (const step of steps) {
    const isPlain = !('kind' in step);
    for (const [key, member] of Object.entries(step)) {
      if (isPlain || MEMBERS.includes(key)) requireWords(member, `${path}/${key}`);
    }
  }
}

/** What a pipe, and the pipes in it, consist of; itself if it is none. */
function stepsOf(node: object): object[] {
  if (!('pipe' in node) || !Array.isArray(node.pipe)) return [node];
  return node.pipe.flatMap((step: object) => stepsOf(step));
}
