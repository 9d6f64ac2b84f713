import * as v from 'valibot';
import { ACCOUNT_ALIAS, isRegion } from '../activation/model/ids.ts';
import type { ScopeCheck } from '../activation/model/ports.ts';
import { BRANDS, type Brand } from '../volcengine/hosts.ts';
import { optionsByNameOf, strictObjectMessage } from './options-by-name.ts';
import { checkRoleChains } from './role-chains.ts';
import { secretIdSchema } from './secret-id.ts';
import { ConfigurationError, optionalText, type Setting } from './settings.ts';

export const DEFAULT_ACCOUNT = 'default';

const matching = (pattern: RegExp, rule: string) => v.pipe(v.string(rule), v.regex(pattern, rule));

const keyRule = 'must be visible ASCII characters';
/** It goes into headers and signatures: a line end that came along with it would fail every call. */
const isKey = (value: string) => /^[\x21-\x7e]{1,4096}$/.test(value);
const key = v.pipe(v.string(keyRule), v.check(isKey, keyRule));

const accessKeyRule = 'must be visible ASCII characters without / and ,';
/** In the Authorization header these two stand behind it. */
const isAccessKey = (value: string) => isKey(value) && !/[/,]/.test(value);
const accessKey = v.pipe(v.string(accessKeyRule), v.check(isAccessKey, accessKeyRule));

const regionRule = 'must be a region such as cn-beijing';
const regions = v.optional(
  v.pipe(
    v.array(v.pipe(v.string(regionRule), v.check(isRegion, regionRule)), 'must be a list of regions'),
    v.minLength(1, 'must have at least one region'),
  ),
);

/** Whose hosts the calls go to; a role is of the brand of the account that it goes via. */
const brand = v.optional(v.picklist(BRANDS, `must be one of ${BRANDS.join(', ')}`));

const durationRule = 'must be a whole number from 900 to 43200';

const keysSchema = v.strictObject(
  { accessKey, secretKey: key, sessionToken: v.optional(key), brand, regions },
  strictObjectMessage,
);
const secretSchema = v.strictObject({ secretId: secretIdSchema, brand, regions }, strictObjectMessage);
const roleSchema = v.strictObject(
  {
    assumeRole: v.strictObject(
      {
        roleTrn: matching(
          /^trn:iam::\d{1,20}:role\/[\w+=,.@/-]{1,128}$/,
          'must be a role such as trn:iam::2100000001:role/name',
        ),
        via: matching(ACCOUNT_ALIAS, 'must be the alias of another account'),
        externalId: v.optional(
          matching(/^[\x21-\x7e]{1,1224}$/, 'must be 1 to 1224 visible ASCII characters'),
        ),
        /** Volcengine publishes no rule: this is what is allowed wherever one is published. */
        sessionName: v.optional(
          matching(/^[A-Za-z0-9_.@-]{2,64}$/, 'must be 2 to 64 of A-Z a-z 0-9 _ . @ -'),
        ),
        /** Volcengine replaces any other without a word (https://www.volcengine.com/docs/6257/86374). */
        durationSeconds: v.optional(
          v.pipe(
            v.number(durationRule),
            v.integer(durationRule),
            v.minValue(900, durationRule),
            v.maxValue(43_200, durationRule),
          ),
        ),
      },
      strictObjectMessage,
    ),
    regions,
  },
  strictObjectMessage,
);

/** Chosen by its key, not a union, so that a message names the very field that is wrong. */
const accountSchema = v.lazy((input) => {
  const has = (key: string) => typeof input === 'object' && input !== null && Object.hasOwn(input, key);
  if (has('assumeRole')) return roleSchema;
  return has('secretId') ? secretSchema : keysSchema;
});

type AccountConfiguration = v.InferOutput<typeof accountSchema>;
export type Accounts = ReadonlyMap<string, AccountConfiguration | undefined>;

const keep = (_alias: string, account: AccountConfiguration) => account;

export const keySettings = {
  accessKey: optionalText('VOLCENGINE_ACCESS_KEY', isAccessKey, accessKeyRule),
  secretKey: optionalText('VOLCENGINE_SECRET_KEY', isKey, keyRule),
  sessionToken: optionalText('VOLCENGINE_SESSION_TOKEN', isKey, keyRule),
};

const viaSchema = v.object({ assumeRole: v.object({ via: matching(ACCOUNT_ALIAS, '') }) });

/** By alias, of every account that has one, whatever else of it is wrong. */
function viasOf(given: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  return new Map(
    [...given].flatMap(([alias, account]) => {
      const read = v.safeParse(viaSchema, account);
      return read.success ? [[alias, read.output.assumeRole.via] as const] : [];
    }),
  );
}

/** VOLCENGINE_ACCOUNTS, and the variables of the one account that needs no alias. */
export const accountSettings = {
  accounts: optionsByNameOf('VOLCENGINE_ACCOUNTS', accountSchema, keep, (aliases, refuse, given) =>
    checkRoleChains(viasOf(given), new Set([DEFAULT_ACCOUNT, ...aliases]), refuse),
  ),
  ...keySettings,
};

type AccountSettings = {
  [Key in keyof typeof accountSettings]: (typeof accountSettings)[Key] extends Setting<infer Value>
    ? Value
    : never;
};

/** Throws ConfigurationError for half of a pair of keys, and for a session token without them. */
export function checkKeyPair({ accessKey, secretKey, sessionToken }: Omit<AccountSettings, 'accounts'>) {
  if (accessKey === undefined && secretKey === undefined && sessionToken !== undefined) {
    throw new ConfigurationError([
      'VOLCENGINE_SESSION_TOKEN is there without VOLCENGINE_ACCESS_KEY and VOLCENGINE_SECRET_KEY',
    ]);
  }
  if ((accessKey === undefined) === (secretKey === undefined)) return;
  const missing = accessKey === undefined ? 'VOLCENGINE_ACCESS_KEY' : 'VOLCENGINE_SECRET_KEY';
  throw new ConfigurationError([`${missing} is missing beside the other half of the keys`]);
}

/**
 * The accounts by alias. `default` is always among them: without keys of its own it is known at the door, and a
 * call for it is held until there are some.
 * Throws ConfigurationError for half of a pair of keys.
 */
export function accountsOf(settings: AccountSettings): Accounts {
  const { accounts, accessKey, secretKey, sessionToken } = settings;
  checkKeyPair(settings);
  const own =
    accessKey && secretKey ? { accessKey, secretKey, ...(sessionToken && { sessionToken }) } : undefined;
  return new Map<string, AccountConfiguration | undefined>([[DEFAULT_ACCOUNT, own], ...accounts]);
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
