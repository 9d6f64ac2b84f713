import * as v from 'valibot';
import { ACCOUNT_ALIAS } from '../../lib/activation/ids.ts';
import type { ScopeCheck } from '../../lib/activation/ports.ts';
import { jsonOr, optionalText, type Setting } from '../../lib/runtime/configuration.ts';
import { BRANDS, type Brand } from '../../lib/volcengine/hosts.ts';
import { checkRoleChains } from './role-chains.ts';

export const DEFAULT_ACCOUNT = 'default';

const text = v.pipe(v.string(), v.minLength(1));
const alias = v.pipe(v.string(), v.regex(ACCOUNT_ALIAS));
const regions = v.optional(v.array(text));
/** Whose hosts the calls go to; a role is of the brand of the account that it goes via. */
const brand = v.optional(v.picklist(BRANDS));

const keysSchema = v.strictObject({
  accessKey: text,
  secretKey: text,
  sessionToken: v.optional(text),
  brand,
  regions,
});
const secretSchema = v.strictObject({ secretId: text, brand, regions });
const roleSchema = v.strictObject({
  assumeRole: v.strictObject({
    roleTrn: v.pipe(v.string(), v.regex(/^trn:iam::\d{1,20}:role\/[\w+=,.@/-]{1,128}$/)),
    via: alias,
    externalId: v.optional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,1224}$/))),
    /** Volcengine publishes no rule: this is what is allowed wherever one is published. */
    sessionName: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.@-]{2,64}$/))),
    /** Volcengine replaces any other without a word (https://www.volcengine.com/docs/6257/86374). */
    durationSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(900), v.maxValue(43_200))),
  }),
  regions,
});

/** Chosen by its key, not a union, so that a message names the very field that is wrong. */
const accountSchema = v.lazy((input) => {
  const has = (key: string) => typeof input === 'object' && input !== null && key in input;
  if (has('assumeRole')) return roleSchema;
  return has('secretId') ? secretSchema : keysSchema;
});

type AccountConfiguration = v.InferOutput<typeof accountSchema>;
export type Accounts = ReadonlyMap<string, AccountConfiguration | undefined>;

const { name, parse } = jsonOr('VOLCENGINE_ACCOUNTS', v.record(alias, accountSchema), {});

/** VOLCENGINE_ACCOUNTS, and the variables of the one account that needs no alias. */
export const accountSettings = {
  accounts: {
    name,
    parse(value: string | undefined) {
      const accounts = parse(value);
      checkRoleChains(new Map([[DEFAULT_ACCOUNT, undefined], ...Object.entries(accounts)]));
      return accounts;
    },
  },
  accessKey: optionalText('VOLCENGINE_ACCESS_KEY'),
  secretKey: optionalText('VOLCENGINE_SECRET_KEY'),
  sessionToken: optionalText('VOLCENGINE_SESSION_TOKEN'),
};

type AccountSettings = {
  [Key in keyof typeof accountSettings]: (typeof accountSettings)[Key] extends Setting<infer Value>
    ? Value
    : never;
};

/**
 * The accounts by alias. `default` is always among them: without keys of its own it is known at the door, and a
 * call for it is held until there are some.
 */
export function accountsOf(settings: AccountSettings): Accounts {
  const { accounts, accessKey, secretKey, sessionToken } = settings;
  const own =
    accessKey && secretKey ? { accessKey, secretKey, ...(sessionToken && { sessionToken }) } : undefined;
  return new Map<string, AccountConfiguration | undefined>([
    [DEFAULT_ACCOUNT, own],
    ...Object.entries(accounts),
  ]);
}

export function brandOf(accounts: Accounts, alias: string): Brand {
  let account = accounts.get(alias);
  // The chain ends: accountSettings refuses a circle.
  while (account && 'assumeRole' in account) account = accounts.get(account.assumeRole.via);
  return account?.brand ?? 'volcengine';
}

/** An account without `regions` may be asked for in any. */
function isRegionEnabled(accounts: Accounts, account: string, region: string): boolean {
  return accounts.get(account)?.regions?.includes(region) ?? true;
}

/** For what was asked for earlier, when perhaps more was allowed. */
export function scopeCheckOf(accounts: Accounts): ScopeCheck {
  return ({ account, region }) => {
    if (!accounts.has(account)) return `the account "${account}" is not configured`;
    if (isRegionEnabled(accounts, account, region)) return undefined;
    return `the region ${region} is not enabled for the account "${account}"`;
  };
}
