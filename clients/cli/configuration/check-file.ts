import { accountSettings, accountsOf } from '../../../lib/config/accounts.ts';
import { readConfigurationFile } from '../../../lib/config/configuration-file.ts';
import { ConfigurationUnreadable } from '../../../lib/config/configuration-source.ts';
import { createLiveConfiguration } from '../../../lib/config/live-configuration.ts';
import { parsePolicy } from '../../../lib/config/policies.ts';
import { ConfigurationError, readSettings } from '../../../lib/config/settings.ts';
import { UsageError } from '../failures.ts';

const SILENT = { info() {}, warn() {}, error() {} };

/**
 * Reads a file as the service would read it beside the accounts of the environment. Throws UsageError if it is not a file
 * of this form.
 */
export async function checkFile(path: string, environment: NodeJS.ProcessEnv) {
  try {
    const configuration = createLiveConfiguration({
      own: accountsOf(readSettings(accountSettings, environment)),
      source: { name: path, read: () => readConfigurationFile(path) },
      policyProblems: (name, text) => parsePolicy(name, text).problems ?? [],
      refreshMs: 0,
      now: Date.now,
      log: SILENT,
      metrics: { count() {} },
    });
    await configuration.refresh();
    const { failure, disabled } = configuration.state();
    if (failure !== undefined) throw new ConfigurationUnreadable(failure);
    return { source: path, disabled };
  } catch (error) {
    if (error instanceof ConfigurationUnreadable) throw new UsageError(`${path}: ${error.message}.`);
    throw error instanceof ConfigurationError ? new UsageError(`${error.message}.`) : error;
  }
}
