import * as v from 'valibot';
import { ACCOUNT_ALIAS } from '../../lib/activation/ids.ts';
import { jsonOr, optionalText, type Setting } from '../../lib/runtime/configuration.ts';

export const DEFAULT_ACCOUNT = 'default';

const text = v.pipe(v.string(), v.minLength(1));
const regions = v.optional(v.array(text));

const accountSchema = v.union([
  v.strictObject({ accessKey: text, secretKey: text, sessionToken: v.optional(text), regions }),
  v.strictObject({ secretId: text, regions }),
]);

type AccountConfiguration = v.InferOutput<typeof accountSchema>;
export type Accounts = ReadonlyMap<string, AccountConfiguration | undefined>;

const accountsSchema = v.record(v.pipe(v.string(), v.regex(ACCOUNT_ALIAS)), accountSchema);

/** VOLCENGINE_ACCOUNTS, and the variables of the one account that needs no alias. */
export const accountSettings = {
  accounts: jsonOr('VOLCENGINE_ACCOUNTS', accountsSchema, {}),
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
