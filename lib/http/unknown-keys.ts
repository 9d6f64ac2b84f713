import * as v from 'valibot';

type Issue = v.BaseIssue<unknown>;

/** More keys than anybody mistypes. Each costs a parse. */
const LIMIT = 20;

function isUnknownKey({ type, expected }: Issue): boolean {
  return type === 'strict_object' && expected === 'never';
}

/**
 * The issues for which the schema refuses the value. Of each strict object Valibot names the first unknown key alone; here
 * every one is named.
 */
export function issuesWithUnknownKeys(
  schema: v.GenericSchema,
  value: unknown,
  issues: readonly Issue[] = [],
): Issue[] {
  const all = [...issues];
  let unknown = all.filter(isUnknownKey);
  const rest: unknown = unknown.length > 0 ? structuredClone(value) : undefined;
  while (unknown.length > 0 && all.length < LIMIT) {
    for (const { path = [] } of unknown) removeAt(rest, path);
    unknown = (v.safeParse(schema, rest).issues ?? []).filter(isUnknownKey);
    all.push(...unknown);
  }
  return all;
}

function removeAt(value: unknown, path: readonly { key: unknown }[]): void {
  const keys = path.map(({ key }) => String(key));
  const last = keys.pop();
  let parent = value;
  for (const key of keys) parent = isObject(parent) ? Reflect.get(parent, key) : undefined;
  if (isObject(parent) && last !== undefined) Reflect.deleteProperty(parent, last);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
