import {
  type ConversionConfig,
  type JsonSchema,
  type OverrideSchemaContext,
  toJsonSchema,
  toJsonSchemaDefs,
} from '@valibot/to-json-schema';
import type * as v from 'valibot';

type Schemas = Record<string, v.GenericSchema>;

/** Describes a value as it is after parsing: for a pipe, its last schema and the steps behind it. */
const CONFIG = {
  target: 'draft-2020-12',
  typeMode: 'output',
  errorMode: 'throw',
  // A description or keywords beside a check say what it demands; see requireWords.
  ignoreActions: ['check'],
  overrideSchema: withoutEmptyRules,
} as const satisfies ConversionConfig;

/**
 * Converts valibot schemas to JSON Schema 2020-12. A schema of `named` inside another becomes a reference: `prefix` and
 * its name. Throws for a schema that JSON Schema cannot express, and for a check without a description.
 */
export function createConverter(named: Schemas, prefix: string) {
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  const overrideRef = ({ referenceId }: { referenceId: string }) => prefix + referenceId;
  return {
    named(): Record<string, JsonSchema> {
      for (const [name, schema] of Object.entries(named)) requireWords(schema, name);
      return toJsonSchemaDefs(named, { ...CONFIG, overrideRef });
    },
    /** Returns only a reference if the schema has a name. */
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

/** A check is code. So a description or keywords of JSON Schema must follow it and say what it demands. */
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

/** Returns the steps of a pipe and of the pipes in it, or the node itself if it is not a pipe. */
function stepsOf(node: object): object[] {
  if (!('pipe' in node) || !Array.isArray(node.pipe)) return [node];
  return node.pipe.flatMap((step: object) => stepsOf(step));
}
