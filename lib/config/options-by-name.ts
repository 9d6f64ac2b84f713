import * as v from 'valibot';
import { repeatedKeys } from '../http/repeated-keys.ts';
import type { Setting } from './settings.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NAME_RULE = 'must have a name of 1 to 64 letters, digits, - or _';

/** What is pasted where a name or an option belongs may be a key, and then it must not be repeated. */
const KEY_LIKE = /^(?:AKL|AKT|AKI|ASI|whsec)|^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{20}/;
const OPTION = /^[a-z]{1,24}$/i;

/** Refuses what is wrong only beside the other names; `given` has what is wrong by itself, too. */
type Relate = (
  names: ReadonlySet<string>,
  refuse: (name: string, place: string, message: string) => void,
  given: ReadonlyMap<string, unknown>,
) => void;

/** `names` has those whose options are wrong, too. Undefined for what is not such JSON at all. */
type RightOnes<Value> = { built: ReadonlyMap<string, Value>; names: ReadonlySet<string> } | undefined;

/** `rightOnes` gives what a check beside other variables can look at, whatever else is wrong in this one. */
type OptionsByName<Value> = Setting<ReadonlyMap<string, Value>> & {
  rightOnes: (text: string | undefined) => RightOnes<Value>;
};

/**
 * A variable that holds JSON: options by name, none when absent, each made into what the caller wants by `build`.
 * Refuses naming every place that is wrong, by messages that must not repeat what they refuse.
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
      else
        for (const issue of parsed.issues)
          refuse(name, placeOf((issue.path ?? []).map(({ key }) => key)), issue.message);
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
    rightOnes(text) {
      try {
        return read(text);
      } catch {
        return undefined;
      }
    },
  };
}

/** For schemas with strict objects: the messages of valibot repeat what they refuse. */
export function strictObjectMessage(issue: v.BaseIssue<unknown>): string {
  return issue.expected === 'never' ? 'is not an option' : 'is missing, or not an object';
}

/** The name, or which of the entries it is where the name itself may be a key. */
export function shownName(name: string, names: Iterable<string>): string {
  const isShown = NAME.test(name) && !KEY_LIKE.test(name);
  return isShown ? name : `entry ${[...names].indexOf(name) + 1}`;
}

function placeOf(keys: readonly unknown[]): string {
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
