type Account = object | { assumeRole: { via: string } } | undefined;

/**
 * Every chain of `via` must end at an account that is no role. Throws otherwise, naming the alias whose `via` is
 * wrong and never what it says: it could be a key that was pasted into the wrong field.
 */
export function checkRoleChains(accounts: ReadonlyMap<string, Account>): void {
  for (const [alias, account] of accounts) {
    const via = viaOf(account);
    if (via !== undefined && !accounts.has(via))
      throw new Error(`has a via at ${alias} that names no account`);
  }
  for (const alias of accounts.keys()) {
    const chain = new Set<string>();
    for (let at: string | undefined = alias; at !== undefined; at = viaOf(accounts.get(at))) {
      if (chain.has(at)) throw new Error(`has accounts whose via lead in a circle: ${[...chain].join(', ')}`);
      chain.add(at);
    }
  }
}

function viaOf(account: Account): string | undefined {
  return account && 'assumeRole' in account ? account.assumeRole.via : undefined;
}
