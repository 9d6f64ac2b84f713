import { type AccountConfiguration, type Accounts, accountSchema } from './accounts.ts';
import type { ConfigurationEntries } from './configuration-source.ts';
import { NAME, NAME_RULE } from './options-by-name.ts';
import { type ParsedEntry, parseEntry } from './parse-entry.ts';
import { checkRoleChains } from './role-chains.ts';

/** Returns the problems of each entry that is disabled, by its name. */
type Problems = Map<string, string[]>;

type Parse = (text: string) => ParsedEntry<AccountConfiguration>;

export const parseAccount: Parse = (text) => parseEntry(accountSchema, text);

const IN_ENVIRONMENT = 'is in VOLCENGINE_ACCOUNTS too, which goes first';

type Stored = Pick<ConfigurationEntries, 'accounts' | 'unreadable'>;

/**
 * Joins the accounts of the environment with the stored ones. A stored one that is wrong is disabled: it is in the result
 * without credentials, so that its calls are held. Only what is wrong is disabled; a role via a disabled account is not.
 */
export function joinAccounts(
  own: Accounts,
  { accounts: texts, unreadable }: Stored,
  parse: Parse = parseAccount,
): { accounts: Map<string, AccountConfiguration | undefined>; problems: Problems } {
  const accounts = new Map(own);
  const problems: Problems = new Map();
  const stored = new Set<string>();
  for (const [alias, text] of texts) {
    if (!NAME.test(alias)) problems.set(alias, [NAME_RULE]);
    // `default` always exists, but it may have no credentials.
    else if (own.get(alias) !== undefined) problems.set(alias, [IN_ENVIRONMENT]);
    else {
      const parsed = parse(text);
      accounts.set(alias, 'value' in parsed ? parsed.value : undefined);
      if ('value' in parsed) stored.add(alias);
      else problems.set(alias, parsed.problems);
    }
  }
  for (const { kind, name, problems: given } of unreadable) {
    if (kind !== 'account') continue;
    problems.set(name, [...given]);
    if (NAME.test(name) && own.get(name) === undefined) accounts.set(name, undefined);
  }
  checkRoleChains(viasOf(accounts), new Set(accounts.keys()), (alias, place, message) => {
    if (!stored.has(alias)) return;
    accounts.set(alias, undefined);
    problems.set(alias, [`${place} ${message}`]);
  });
  return { accounts, problems };
}

function viasOf(accounts: Accounts): Map<string, string> {
  return new Map(
    [...accounts].flatMap(([alias, account]) =>
      account && 'assumeRole' in account ? [[alias, account.assumeRole.via] as const] : [],
    ),
  );
}
