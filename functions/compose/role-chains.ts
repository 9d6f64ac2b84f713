type Account = object | { assumeRole: { via: string } } | undefined;

const VIA = 'assumeRole.via';

/**
 * Every chain of `via` must end at an account that is no role. Refuses each `via` that does not, and never repeats what
 * names no account: it could be a key that was pasted into the wrong field. `aliases` are all that are configured.
 */
export function checkRoleChains(
  accounts: ReadonlyMap<string, Account>,
  aliases: ReadonlySet<string>,
  refuse: (alias: string, place: string, message: string) => void,
): void {
  for (const [alias, account] of accounts) {
    const via = viaOf(account);
    if (via !== undefined && !aliases.has(via)) refuse(alias, VIA, 'must be the alias of another account');
    else if (leadsBack(accounts, alias)) refuse(alias, VIA, 'leads in a circle, back to this account');
  }
}

function leadsBack(accounts: ReadonlyMap<string, Account>, alias: string): boolean {
  const passed = new Set<string>();
  let at = viaOf(accounts.get(alias));
  while (at !== undefined && at !== alias && !passed.has(at)) {
    passed.add(at);
    at = viaOf(accounts.get(at));
  }
  return at === alias;
}

function viaOf(account: Account): string | undefined {
  return account && 'assumeRole' in account ? account.assumeRole.via : undefined;
}
