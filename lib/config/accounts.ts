import * as v from 'valibot';
import { ACCOUNT_ALIAS, isRegion } from '../activation/model/ids.ts';
import type { ScopeCheck } from '../activation/model/ports.ts';
import { BRANDS, type Brand, OIDC_AUDIENCE } from '../volcengine/hosts.ts';
import { optionsByNameOf, strictObjectMessage } from './options-by-name.ts';
import { checkRoleChains } from './role-chains.ts';
import { secretIdSchema } from './secret-id.ts';
import { ConfigurationError, optionalText, type Setting } from './settings.ts';

export const DEFAULT_ACCOUNT = 'default';

const matching = (pattern: RegExp, rule: string) => v.pipe(v.string(rule), v.regex(pattern, rule));

const keyRule = 'must be visible ASCII characters';
/** Keys go into headers and signatures. A line end that was copied with a key would make every call fail. */
const isKey = (value: string) => /^[\x21-\x7e]{1,4096}$/.test(value);
const key = v.pipe(v.string(keyRule), v.check(isKey, keyRule));

const accessKeyRule = 'must be visible ASCII characters without / and ,';
/** In the Authorization header `/` and `,` end the access key. */
const isAccessKey = (value: string) => isKey(value) && !/[/,]/.test(value);
const accessKey = v.pipe(v.string(accessKeyRule), v.check(isAccessKey, accessKeyRule));

const regionRule = 'must be a region such as cn-beijing';
const regions = v.optional(
  v.pipe(
    v.array(v.pipe(v.string(regionRule), v.check(isRegion, regionRule)), 'must be a list of regions'),
    v.minLength(1, 'must have at least one region'),
  ),
);

/** The brand whose hosts are called. A role has the brand of the account that it is assumed via. */
const brand = v.optional(v.picklist(BRANDS, `must be one of ${BRANDS.join(', ')}`));

const durationRule = 'must be a whole number from 900 to 43200';

const keysSchema = v.strictObject(
  { accessKey, secretKey: key, sessionToken: v.optional(key), brand, regions },
  strictObjectMessage,
);
const secretSchema = v.strictObject({ secretId: secretIdSchema, brand, regions }, strictObjectMessage);
/** What both ways to assume a role have. */
const roleEntries = {
  roleTrn: matching(
    /^trn:iam::\d{1,20}:role\/[\w+=,.@/-]{1,128}$/,
    'must be a role such as trn:iam::2100000001:role/name',
  ),
  /** Volcengine publishes no rule for AssumeRole. These characters are allowed by every similar rule that is published. */
  sessionName: v.optional(matching(/^[A-Za-z0-9_.@-]{2,64}$/, 'must be 2 to 64 of A-Z a-z 0-9 _ . @ -')),
  /** Volcengine silently replaces any other value (https://www.volcengine.com/docs/6257/86374). */
  durationSeconds: v.optional(
    v.pipe(
      v.number(durationRule),
      v.integer(durationRule),
      v.minValue(900, durationRule),
      v.maxValue(43_200, durationRule),
    ),
  ),
};

const roleSchema = v.strictObject(
  {
    assumeRole: v.strictObject(
      {
        ...roleEntries,
        via: matching(ACCOUNT_ALIAS, 'must be the alias of another account'),
        externalId: v.optional(
          matching(/^[\x21-\x7e]{1,1224}$/, 'must be 1 to 1224 visible ASCII characters'),
        ),
      },
      strictObjectMessage,
    ),
    regions,
  },
  strictObjectMessage,
);

/** The roles of the functions allow no other audiences (infra/roles.cjs). */
const AUDIENCE = /^sts\.volcengineapi\.com(?:\/[\w.-]{1,64})?$/;

const oidcRoleSchema = v.strictObject(
  {
    assumeRoleWithOidc: v.strictObject(
      {
        ...roleEntries,
        audience: v.optional(matching(AUDIENCE, `must be ${OIDC_AUDIENCE}, or begin with ${OIDC_AUDIENCE}/`)),
      },
      strictObjectMessage,
    ),
    brand,
    regions,
  },
  strictObjectMessage,
);

/** The keys of the entry choose the schema. A union would not name the field that is wrong. */
export const accountSchema = v.lazy((input) => {
  const has = (key: string) => typeof input === 'object' && input !== null && Object.hasOwn(input, key);
  if (has('assumeRole')) return roleSchema;
  if (has('assumeRoleWithOidc')) return oidcRoleSchema;
  return has('secretId') ? secretSchema : keysSchema;
});

export type AccountConfiguration = v.InferOutput<typeof accountSchema>;
/**
 * The configured accounts by alias. Calls for one that is undefined are held: it has no credentials, or its entry is
 * disabled. `isIncomplete`: the stored ones could not be read yet, so that there may be others.
 */
export type Accounts = ReadonlyMap<string, AccountConfiguration | undefined> & { isIncomplete?: boolean };

const keep = (_alias: string, account: AccountConfiguration) => account;

export const keySettings = {
  accessKey: optionalText('VOLCENGINE_ACCESS_KEY', isAccessKey, accessKeyRule),
  secretKey: optionalText('VOLCENGINE_SECRET_KEY', isKey, keyRule),
  sessionToken: optionalText('VOLCENGINE_SESSION_TOKEN', isKey, keyRule),
};

const viaSchema = v.object({ assumeRole: v.object({ via: matching(ACCOUNT_ALIAS, '') }) });

/** The `via` of every account that has one, by alias, even if the account has other errors. */
function viasOf(given: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  return new Map(
    [...given].flatMap(([alias, account]) => {
      const read = v.safeParse(viaSchema, account);
      return read.success ? [[alias, read.output.assumeRole.via] as const] : [];
    }),
  );
}

/** VOLCENGINE_ACCOUNTS, and the variables of the account `default`. */
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

/** Throws ConfigurationError if one of the two keys is missing, or for a session token without keys. */
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
 * Returns the accounts by alias. `default` is always included: without keys, requests for it are accepted and their
 * calls are held until it has keys.
 * Throws ConfigurationError if one of the two keys is missing.
 */
export function accountsOf(settings: AccountSettings): Accounts {
  const { accounts, accessKey, secretKey, sessionToken } = settings;
  checkKeyPair(settings);
  const own =
    accessKey && secretKey ? { accessKey, secretKey, ...(sessionToken && { sessionToken }) } : undefined;
  return new Map<string, AccountConfiguration | undefined>([[DEFAULT_ACCOUNT, own], ...accounts]);
}

/**
 * The account, and if it is a role what it is assumed via, and so on. The chain ends, because a circle is refused. It
 * ends early at an account without credentials.
 */
export function chainOf(accounts: Accounts, alias: string): AccountConfiguration[] {
  const chain: AccountConfiguration[] = [];
  let account = accounts.get(alias);
  while (account) {
    chain.push(account);
    account = 'assumeRole' in account ? accounts.get(account.assumeRole.via) : undefined;
  }
  return chain;
}

export function brandOf(accounts: Accounts, alias: string): Brand {
  const last = chainOf(accounts, alias).at(-1);
  return last && 'brand' in last && last.brand ? last.brand : 'volcengine';
}

/** An account without `regions` is enabled in every region. */
function isRegionEnabled(accounts: Accounts, account: string, region: string): boolean {
  return accounts.get(account)?.regions?.includes(region) ?? true;
}

/** Checks an earlier request again: the configuration may have changed since. */
export function scopeCheckOf(accounts: Accounts): ScopeCheck {
  return ({ account, region }) => {
    if (!accounts.has(account)) {
      return accounts.isIncomplete
        ? `the account "${account}" is not known: the stored configuration could not be read`
        : `the account "${account}" is not configured`;
    }
    if (isRegionEnabled(accounts, account, region)) return undefined;
    return `the region ${region} is not enabled for the account "${account}"`;
  };
}
