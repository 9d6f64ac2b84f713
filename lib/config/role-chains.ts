const VIA = 'assumeRole.via';

/**
 * Every chain of `via` must end at an account that is not a role. Refuses each `via` that does not. Never repeats a value
 * that is not an alias: it may be a key that was pasted into the wrong field. `vias`: the `via` of each role, by alias.
 * `aliases`: all configured aliases.
 */
export function checkRoleChains(
  vias: ReadonlyMap<string, string>,
  aliases: ReadonlySet<string>,
  refuse: (alias: string, place: string, message: string) => void,
): void {
  for (const [alias, via] of vias) {
    if (!aliases.has(via)) refuse(alias, VIA, 'must be the alias of another account');
    else if (leadsBack(vias, alias)) refuse(alias, VIA, 'leads in a circle, back to this account');
  }
}

function leadsBack(vias: ReadonlyMap<string, string>, alias: string): boolean {
  const passed = new Set<string>();
  let at = vias.get(alias);
  while (at !== undefined && at !== alias && !passed.has(at)) {
    passed.add(at);
    at = vias.get(at);
  }
  return at === alias;
}
