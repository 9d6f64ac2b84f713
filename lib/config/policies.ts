import * as v from 'valibot';
import { ACCOUNT_ALIAS, FLOW_LOG_ID, isRegion } from '../activation/model/ids.ts';
import { DESIRED_STATES, type FlowLogPolicy, POLICY_NAME, REPAIRS } from '../activation/policies/policy.ts';
import { WINDOW_DAYS } from '../activation/policies/window.ts';
import { objectWithFreeKeys } from '../http/json-object.ts';
import { repeatedKeys } from '../http/repeated-keys.ts';
import { issuesWithUnknownKeys } from '../http/unknown-keys.ts';
import { filterFields, filterOf } from './flow-log-filter.ts';
import { placeOf, strictObjectMessage } from './options-by-name.ts';

const rule = (message: string, isValid: (value: string) => boolean) =>
  v.pipe(v.string(message), v.check(isValid, message));

const alias = rule('must be an account alias of letters, digits, - or _', (text) => ACCOUNT_ALIAS.test(text));
const region = rule('must be a region such as cn-beijing', isRegion);
/** What is there twice counts once. */
const listOf = <Item extends v.GenericSchema>(item: Item, limit: number) => {
  const message = `must be a list of 1 to ${limit}`;
  return v.pipe(
    v.array(item, message),
    v.minLength(1, message),
    v.maxLength(limit, message),
    v.transform((items) => [...new Set(items)]),
  );
};

const reasonRule = 'must be a text of 1 to 200 characters';
const untilRule =
  'must be a date such as 2026-12-31 (the last day, in UTC) or a time such as 2026-12-31T18:00:00Z';

/** A date ends with its day. */
const until = v.pipe(
  v.string(untilRule),
  v.regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/, untilRule),
  v.transform((text) => (text.length === 10 ? Date.parse(`${text}T00:00:00Z`) + DAY_MS : Date.parse(text))),
  v.number(untilRule),
  v.finite(untilRule),
);

const exclusion = v.pipe(
  v.strictObject(
    {
      ...filterFields,
      flowLogIds: v.optional(
        listOf(
          rule('must be a flow log id', (text) => FLOW_LOG_ID.test(text)),
          100,
        ),
      ),
      account: v.optional(alias),
      region: v.optional(region),
      reason: v.pipe(v.string(reasonRule), v.minLength(1, reasonRule), v.maxLength(200, reasonRule)),
      until: v.optional(until),
    },
    strictObjectMessage,
  ),
  v.check(
    ({ reason: _, until: __, tags = {}, ...conditions }) =>
      Object.keys({ ...tags, ...conditions }).length > 0,
    'must say what it excludes: flowLogIds, name, tags, vpcId, …',
  ),
);

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const UNITS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS } as const;
const everyRule = 'must be a time from 5m to 30d, such as 15m, 6h or 1d';
const every = v.pipe(
  v.string(everyRule),
  v.regex(/^[1-9]\d{0,4}[mhd]$/, everyRule),
  v.transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]),
  v.minValue(5 * MINUTE_MS, everyRule),
  v.maxValue(30 * DAY_MS, everyRule),
);

const clockTime = rule('must be a time of day such as 22:00', (text) =>
  /^([01]\d|2[0-3]):[0-5]\d$/.test(text),
);
const window = v.pipe(
  v.strictObject(
    {
      days: v.optional(listOf(v.picklist(WINDOW_DAYS, `must be one of ${WINDOW_DAYS.join(', ')}`), 7)),
      from: v.optional(clockTime),
      to: v.optional(clockTime),
      timeZone: v.optional(rule('must be a time zone such as Asia/Shanghai', isTimeZone)),
    },
    strictObjectMessage,
  ),
  v.check(({ days, from, to }) => Boolean(days ?? from ?? to), 'must have days, from or to'),
  v.check(({ from, to }) => from === undefined || from !== to, 'must not begin when it ends'),
);

const policySchema = v.pipe(
  v.strictObject(
    {
      accounts: v.union([v.literal('all'), listOf(alias, 500)], 'must be "all" or a list of account aliases'),
      regions: listOf(region, 50),
      selector: v.optional(
        v.pipe(objectWithFreeKeys('must be an object'), v.strictObject(filterFields, strictObjectMessage)),
        {},
      ),
      exclusions: v.optional(
        v.pipe(v.array(exclusion, 'must be a list'), v.maxLength(100, 'must be at most 100')),
        [],
      ),
      desired: v.optional(
        v.picklist(DESIRED_STATES, `must be one of ${DESIRED_STATES.join(', ')}`),
        'Active',
      ),
      repair: v.optional(v.picklist(REPAIRS, `must be one of ${REPAIRS.join(', ')}`), 'tell'),
      every,
      window: v.optional(window),
    },
    strictObjectMessage,
  ),
  v.forward(
    v.check(
      ({ desired, repair }) => repair !== 'activate' || desired === 'Active',
      'can be activate only with the desired state Active',
    ),
    ['repair'],
  ),
  v.forward(
    v.check(
      ({ desired, repair }) => repair !== 'deactivate' || desired === 'Inactive',
      'can be deactivate only with the desired state Inactive',
    ),
    ['repair'],
  ),
);

export type ParsedPolicy =
  | { policy: FlowLogPolicy; problems?: undefined }
  | { policy?: undefined; problems: string[] };

/** Reads one policy. Each problem names its place, and never repeats a value. Never throws. */
export function parsePolicy(name: string, text: string): ParsedPolicy {
  const problems = POLICY_NAME.test(name)
    ? []
    : ['the name must be 1 to 64 lower-case letters, digits or hyphens, and not begin or end with a hyphen'];
  const given = jsonOf(text);
  if (given === undefined) return { problems: [...problems, 'must be JSON'] };
  for (const keys of repeatedKeys(text)) problems.push(`${placeOf(keys)} is there twice`);
  const parsed = v.safeParse(policySchema, given);
  for (const { path = [], message } of issuesWithUnknownKeys(policySchema, given, parsed.issues)) {
    problems.push([placeOf(path.map(({ key }) => key)), message].filter(Boolean).join(' '));
  }
  if (!parsed.success || problems.length > 0) return { problems };
  const { every: everyMs, selector, exclusions, window: open, ...rest } = parsed.output;
  return {
    policy: {
      name,
      ...rest,
      selector: filterOf(selector),
      exclusions: exclusions.map((each) => filterOf(each)),
      everyMs,
      ...(open && { window: open }),
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
