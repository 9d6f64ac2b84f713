import type { Clock, Log, Metrics } from '../activation/model/ports.ts';
import type { ConfigurationReport, DisabledEntry } from '../activation/status/ports.ts';
import type { Accounts } from './accounts.ts';
import { type ConfigurationEntries, ConfigurationUnreadable } from './configuration-source.ts';
import { shownName } from './options-by-name.ts';
import { joinAccounts, parseAccount } from './stored-accounts.ts';

/** What is wrong in the text of a policy, by place. */
type PolicyCheck = (name: string, text: string) => readonly string[];

type Options = {
  /** The accounts of the environment. They go first. */
  own: Accounts;
  /** Undefined: nothing is ever read. */
  source: { name: string; read: () => Promise<ConfigurationEntries> } | undefined;
  policyProblems: PolicyCheck;
  refreshMs: number;
  now: Clock;
  log: Log;
  metrics: Metrics;
};

/** The maps are always the same objects. A refresh replaces what is in them, at once. */
export type LiveConfiguration = ConfigurationReport & {
  accounts: Accounts;
  /** The JSON text of each policy that is not disabled, by its name. */
  policies: ReadonlyMap<string, string>;
  /** Reads the source again if the last try is older than `refreshMs`. Never rejects: what was read before is kept. */
  refresh(): Promise<void>;
};

/** After a failure the source is read again after this time. */
const RETRY_MS = 10_000;
/** A source that could not be read for this long raises the alarm. */
const STALE_MS = 600_000;

/** The accounts and policies of one container. Call `refresh` before they are used. */
export function createLiveConfiguration({
  own,
  source,
  policyProblems,
  ...options
}: Options): LiveConfiguration {
  const { refreshMs, now, log, metrics } = options;
  const accounts: Map<string, ReturnType<Accounts['get']>> & { isIncomplete?: boolean } = new Map(own);
  accounts.isIncomplete = source !== undefined;
  const policies = new Map<string, string>();
  const parse = keepingParsed();
  let disabled: readonly DisabledEntry[] = [];
  let readAt: number | undefined;
  let failure: string | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const use = (entries: ConfigurationEntries) => {
    const joined = joinAccounts(own, entries, parse);
    const wrong = [...entries.policies].map(([name, text]) => ({
      name,
      problems: policyProblems(name, text),
    }));
    const named = namedDisabled(entries, joined.problems, wrong);
    const isFirst = readAt === undefined;
    if (!isFirst) logRemoved(log, accounts, joined.accounts);
    logDisabled(log, disabled, named);
    replace(accounts, joined.accounts);
    accounts.isIncomplete = false;
    const isUsed = new Set(wrong.flatMap(({ name, problems }) => (problems.length === 0 ? [name] : [])));
    replace(policies, new Map([...entries.policies].filter(([name]) => isUsed.has(name))));
    disabled = named;
  };

  const tryToRead = async (from: () => Promise<ConfigurationEntries>) => {
    triedAt = now();
    try {
      use(await from());
      readAt = triedAt;
      failure = undefined;
    } catch (error) {
      failure = failureOf(error);
      log.warn('the configuration cannot be read, what was read before is kept', { cause: failure, readAt });
    }
    const isStale = failure !== undefined && triedAt - (readAt ?? Number.NEGATIVE_INFINITY) > STALE_MS;
    const count = disabled.length + (isStale ? 1 : 0);
    if (count > 0) metrics.count('DisabledConfigurationEntries', count);
  };

  return {
    accounts,
    policies,
    async refresh() {
      if (source === undefined) return;
      const waitMs = failure === undefined ? refreshMs : Math.min(RETRY_MS, refreshMs);
      // A clock that was set back must not stop the refreshing.
      const sinceMs = Math.abs(now() - triedAt);
      if (reading === undefined && sinceMs < waitMs) return;
      reading ??= tryToRead(source.read).finally(() => {
        reading = undefined;
      });
      await reading;
    },
    state: () => ({
      ...(source && { source: source.name }),
      ...(readAt !== undefined && { readAt }),
      ...(failure !== undefined && { failure }),
      disabled,
    }),
  };
}

/** An entry whose text is the same keeps its object: caches of credentials tell by it that nothing has changed. */
function keepingParsed(): typeof parseAccount {
  let kept = new Map<string, ReturnType<typeof parseAccount>>();
  return (text) => {
    const parsed = kept.get(text) ?? parseAccount(text);
    // More texts than accounts exist only after many changes.
    if (kept.size > 2_000) kept = new Map();
    kept.set(text, parsed);
    return parsed;
  };
}

function namedDisabled(
  { accounts, policies, unreadable }: ConfigurationEntries,
  ofAccounts: ReadonlyMap<string, string[]>,
  ofPolicies: readonly { name: string; problems: readonly string[] }[],
): DisabledEntry[] {
  const others = unreadable.filter(({ kind }) => kind !== 'account');
  const all: readonly DisabledEntry[] = [
    ...[...ofAccounts].map(([name, problems]) => ({ kind: 'account', name, problems }) as const),
    ...ofPolicies.map(({ name, problems }) => ({ kind: 'policy', name, problems }) as const),
    ...others,
  ];
  const namesOf = { account: accounts, policy: policies, unknown: new Map() };
  return all.flatMap(({ kind, name, problems }) =>
    problems.length > 0 ? [{ kind, name: shownName(name, [...namesOf[kind].keys(), name]), problems }] : [],
  );
}

/** One line for each entry that was not disabled before, or for other reasons. */
function logDisabled(log: Log, before: readonly DisabledEntry[], disabled: readonly DisabledEntry[]): void {
  const known = new Set(before.map((entry) => JSON.stringify(entry)));
  for (const entry of disabled) {
    if (known.has(JSON.stringify(entry))) continue;
    const { kind, name, problems } = entry;
    log.warn('an entry of the configuration is disabled', { kind, entry: name, problems });
  }
}

function logRemoved(log: Log, before: Accounts, now: Accounts): void {
  for (const account of before.keys()) {
    if (now.has(account)) continue;
    log.warn('an account is not configured any more: calls for its open activations are held', { account });
  }
}

function replace<Value>(map: Map<string, Value>, content: ReadonlyMap<string, Value>): void {
  map.clear();
  for (const [key, value] of content) map.set(key, value);
}

/** Our own messages name no value. Of any other error only the name is safe. */
function failureOf(error: unknown): string {
  if (error instanceof ConfigurationUnreadable) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}
