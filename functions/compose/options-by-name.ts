import * as v from 'valibot';
import type { Setting } from '../../lib/runtime/configuration.ts';

/** Says what is wrong at a place within the options of a name. */
type Refuse = (place: string, message: string) => void;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A variable that holds JSON: options by name, none when absent, each made into what the caller wants by `build`, which
 * may refuse a place in them too. Refuses naming every place that is wrong, by messages that must not repeat what they
 * refuse.
 */
export function optionsByNameOf<Schema extends v.GenericSchema, Value = v.InferOutput<Schema>>(
  variable: string,
  schema: Schema,
  build: (name: string, options: v.InferOutput<Schema>, refuse: Refuse) => Value,
): Setting<ReadonlyMap<string, Value>> {
  return {
    name: variable,
    parse(text = '{}') {
      const problems: string[] = [];
      const built = new Map<string, Value>();
      for (const [name, value] of Object.entries(parseObject(text))) {
        const refuse: Refuse = (place, message) => problems.push(`${name}.${place} ${message}`);
        const parsed = v.safeParse(schema, value);
        if (!NAME.test(name)) {
          problems.push(`${JSON.stringify(name.slice(0, 64))} must be 1 to 64 letters, digits, - or _`);
        } else if (parsed.success) {
          built.set(name, build(name, parsed.output, refuse));
        } else {
          problems.push(...parsed.issues.map((issue) => `${placeOf(name, issue)} ${issue.message}`));
        }
      }
      if (problems.length > 0) throw new Error(`is wrong: ${problems.join('; ')}`);
      return built;
    },
  };
}

function placeOf(name: string, issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? name : `${name}.${path}`;
}

function parseObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {}
  throw new Error('must be a JSON object');
}
