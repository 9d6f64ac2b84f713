import * as v from 'valibot';
import { repeatedKeys } from '../http/repeated-keys.ts';
import { issuesWithUnknownKeys } from '../http/unknown-keys.ts';
import type { Setting } from './settings.ts';

/** Of an account, a policy, a source or an endpoint. */
export const NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const NAME_RULE = 'must have a name of 1 to 64 letters, digits, - or _';

/** A key may have been pasted in place of a name or an option. Messages must not repeat it. */
const KEY_LIKE = /^(?:AKL|AKT|AKI|ASI|whsec)|^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{20}/;
const OPTION = /^[a-z]{1,24}$/i;

/** Refuses options that contradict those of other names. `given` also has the options that are wrong by themselves. */
type Relate = (
  names: ReadonlySet<string>,
  refuse: (name: string, place: string, message: string) => void,
  given: ReadonlyMap<string, unknown>,
) => void;

/** `names` also has the names whose options are wrong. Undefined if the text is not JSON of this form. */
type ValidOptions<Value> = { built: ReadonlyMap<string, Value>; names: ReadonlySet<string> } | undefined;

/** `readValid` returns the valid options, so that a check across variables works even if others are wrong. */
type OptionsByName<Value> = Setting<ReadonlyMap<string, Value>> & {
  readValid: (text: string | undefined) => ValidOptions<Value>;
};

/**
 * A variable that holds JSON: options by name; empty if absent. `build` turns each into the value of the caller.
 * The error names every wrong place. The messages of the schema must not repeat the refused value.
 */
export function optionsByNameOf<Schema extends v.GenericSchema, Value = v.InferOutput<Schema>>(
  variable: string,
  schema: Schema,
  build: (name: string, options: v.InferOutput<Schema>) => Value,
  relate?: Relate,
): OptionsByName<Value> {
  const read = (text = '{}') => {
    const entries = Object.entries(parseObject(text));
    const names = new Set(entries.map(([name]) => name));
    const problems: string[] = [];
    const refuse = (name: string, place: string, message: string) =>
      problems.push(`${[shownName(name, names), place].filter(Boolean).join('.')} ${message}`);

    for (const [name, ...keys] of repeatedKeys(text)) {
      refuse(String(name), placeOf(keys), 'is there twice');
    }
    const built = new Map<string, Value>();
    for (const [name, value] of entries) {
      const parsed = v.safeParse(schema, value);
      if (!NAME.test(name)) refuse(name, '', NAME_RULE);
      else if (parsed.success) built.set(name, build(name, parsed.output));
      else {
        const issues = issuesWithUnknownKeys(schema, value, parsed.issues);
        for (const { place, message } of refusalsOf(issues)) refuse(name, place, message);
      }
    }
    relate?.(names, refuse, new Map(entries));
    return { built, names, problems };
  };
  return {
    name: variable,
    parse(text) {
      const { built, problems } = read(text);
      if (problems.length > 0) throw new Error(`is wrong: ${problems.join('; ')}`);
      return built;
    },
    readValid(text) {
      try {
        return read(text);
      } catch {
        return undefined;
      }
    },
  };
}

/** The message of strict objects. Valibot's own messages repeat the refused value. */
export function strictObjectMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'is not an option';
  return issue.expected === 'Object' ? 'must be an object' : 'is missing';
}

/** The places that a schema refuses. `place` is empty for the whole value. */
export function refusalsOf(issues: readonly v.BaseIssue<unknown>[]): { place: string; message: string }[] {
  return issues.map(({ path = [], message }) => ({ place: placeOf(path.map(({ key }) => key)), message }));
}

/** The name, or the position of the entry if the name itself may be a key. */
export function shownName(name: string, names: Iterable<string>): string {
  const isShown = NAME.test(name) && !KEY_LIKE.test(name);
  return isShown ? name : `entry ${[...names].indexOf(name) + 1}`;
}

/** Hides a key that may be a secret in the wrong place. */
export function placeOf(keys: readonly unknown[]): string {
  return keys.map((key) => shownOption(String(key))).join('.');
}

function shownOption(key: string): string {
  return OPTION.test(key) || /^\d+$/.test(key) ? key : '(an option)';
}

function parseObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {}
  throw new Error('must be a JSON object');
}
