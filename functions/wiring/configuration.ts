import { createParameterReader } from '../../lib/aws/ssm-parameters.ts';
import { accountSettings, accountsOf } from '../../lib/config/accounts.ts';
import { readConfigurationFile } from '../../lib/config/configuration-file.ts';
import { entriesOf } from '../../lib/config/configuration-parameters.ts';
import {
  type ConfigurationEntries,
  type ConfigurationSource,
  configurationSettings,
} from '../../lib/config/configuration-source.ts';
import { createLiveConfiguration, type LiveConfiguration } from '../../lib/config/live-configuration.ts';
import { parsePolicy } from '../../lib/config/policies.ts';
import type { readSettings } from '../../lib/config/settings.ts';
import { counters, log } from '../../lib/runtime/telemetry.ts';

/** Of every function that needs accounts or policies. */
export const liveSettings = { ...accountSettings, ...configurationSettings };

/** Reads all entries of a source. Rejects if it cannot be read as a whole. */
function createConfigurationReader(source: ConfigurationSource): () => Promise<ConfigurationEntries> {
  const { kind, path } = source;
  if (kind === 'file') return () => readConfigurationFile(path);
  const readParameters = createParameterReader();
  return async () => entriesOf(path, await readParameters(path));
}

/** Call once per container. */
export function createConfiguration(
  settings: ReturnType<typeof readSettings<typeof liveSettings>>,
): LiveConfiguration {
  const { configurationSource: source, configurationRefreshMs: refreshMs } = settings;
  return createLiveConfiguration({
    own: accountsOf(settings),
    source: source && { name: `${source.kind}:${source.path}`, read: createConfigurationReader(source) },
    policyProblems: (name, text) => parsePolicy(name, text).problems ?? [],
    refreshMs,
    now: Date.now,
    log,
    metrics: counters,
  });
}

/** Returns the services after a refresh of what is stored, which happens at most once a minute. */
export async function refreshed<Services extends { configuration: Pick<LiveConfiguration, 'refresh'> }>(
  services: Services,
): Promise<Services> {
  await services.configuration.refresh();
  return services;
}
