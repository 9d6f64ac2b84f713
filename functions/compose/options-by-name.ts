import * as v from 'valibot';
import type { Setting } from '../../lib/runtime/configuration.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A variable that holds JSON: options by name, none when absent. Refuses naming every place that is wrong with the
 * schema's own messages, which must not repeat what they refuse.
 */
export function optionsByNameOf<Schema extends v.GenericSchema>(
  variable: string,
  schema: Schema,
): Setting<ReadonlyMap<string, v.InferOutput<Schema>>> {
  return {
    name: variable,
    parse(text = '{}') {
      const problems: string[] = [];
      const options = new Map<string, v.InferOutput<Schema>>();
      for (const [name, value] of Object.entries(parseObject(text))) {
        const parsed = v.safeParse(schema, value);
        if (!NAME.test(name)) {
          problems.push(`${JSON.stringify(name.slice(0, 64))} must be 1 to 64 letters, digits, - or _`);
        } else if (parsed.success) {
          options.set(name, parsed.output);
        } else {
          problems.push(...parsed.issues.map((issue) => `${placeOf(name, issue)} ${issue.message}`));
        }
      }
      if (problems.length > 0) throw new Error(`is wrong: ${problems.join('; ')}`);
      return options;
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
