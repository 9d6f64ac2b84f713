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
  let rest = value;
  while (unknown.length > 0 && all.length < LIMIT) {
    for (const { path = [] } of unknown) {
      rest = without(
        rest,
        path.map(({ key }) => String(key)),
      );
    }
    unknown = (v.safeParse(schema, rest).issues ?? []).filter(isUnknownKey);
    all.push(...unknown);
  }
  return all;
}

/** A copy without what is at the path. What lies beside it is not copied, however deep it is. */
function without(value: unknown, [key, ...below]: string[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((each, index) => (String(index) === key ? without(each, below) : each));
  }
  const entries = Object.entries(value);
  return Object.fromEntries(
    below.length === 0
      ? entries.filter(([name]) => name !== key)
      : entries.map(([name, each]) => [name, name === key ? without(each, below) : each]),
  );
}
