import type { DisabledEntry } from '../activation/status/ports.ts';
import type { ConfigurationEntries } from './configuration-source.ts';

/** A parameter of Parameter Store; without a value it cannot be decrypted. */
type Parameter = { name: string; value?: string };

const NO_PLACE = 'is neither accounts/<alias> nor policies/<name>';
const NOT_DECRYPTED = 'is a SecureString under a key that the functions may not use (kms:Decrypt)';

/** The parameters `<path>/accounts/<alias>` and `<path>/policies/<name>` as entries. */
export function entriesOf(path: string, parameters: readonly Parameter[]): ConfigurationEntries {
  const groups = { accounts: new Map<string, string>(), policies: new Map<string, string>() };
  const unreadable: DisabledEntry[] = [];
  for (const { name, value } of parameters) {
    const place = name.slice(path.length + 1);
    const [, group, entry = ''] = /^(accounts|policies)\/([^/]+)$/.exec(place) ?? [];
    if (group !== 'accounts' && group !== 'policies') {
      unreadable.push({ kind: 'unknown', name: place, problems: [NO_PLACE] });
    } else if (value === undefined) {
      const kind = group === 'accounts' ? 'account' : 'policy';
      unreadable.push({ kind, name: entry, problems: [NOT_DECRYPTED] });
    } else groups[group].set(entry, value);
  }
  return { ...groups, unreadable };
}
