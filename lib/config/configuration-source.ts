import type { DisabledEntry } from '../activation/status/ports.ts';
import { type Setting, wholeNumberOr } from './settings.ts';

/** Where accounts and policies are stored beside the environment, so that they change without a deployment. */
export type ConfigurationSource = { kind: 'ssm' | 'file'; path: string };

const SOURCE_RULE = 'must be ssm:/path or file:/path.json';
/** Names of parameters, as Parameter Store allows them (PutParameter, Name). */
const SSM_PATH = /^(?:\/[\w.-]{1,64}){1,12}$/;

/** CONFIGURATION_SOURCE. Undefined if it is empty: then there are only the accounts of the environment. */
export const configurationSettings = {
  configurationSource: {
    name: 'CONFIGURATION_SOURCE',
    parse(text) {
      if (text === undefined) return undefined;
      const [, kind, path = ''] = /^(ssm|file):(\/.*)$/s.exec(text) ?? [];
      if (kind === 'ssm' && SSM_PATH.test(path)) return { kind, path };
      if (kind === 'file') return { kind, path };
      throw new Error(SOURCE_RULE);
    },
  } satisfies Setting<ConfigurationSource | undefined>,
  configurationRefreshMs: wholeNumberOr('CONFIGURATION_REFRESH_MS', 60_000, 100, 3_600_000),
};

/** What a source holds: the JSON text of each account by its alias, and of each policy by its name. */
export type ConfigurationEntries = {
  accounts: ReadonlyMap<string, string>;
  policies: ReadonlyMap<string, string>;
  /** Entries that the source cannot give as text, or at places where nothing belongs. A name may be a key by mistake. */
  unreadable: readonly DisabledEntry[];
};

/** The source as a whole cannot be read: nothing is known about its entries. */
export class ConfigurationUnreadable extends Error {
  override name = 'ConfigurationUnreadable';
}
