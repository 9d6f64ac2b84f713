import { readConfigurationFile } from '../../lib/config/configuration-file.ts';
import {
  type ConfigurationEntries,
  type ConfigurationSource,
  ConfigurationUnreadable,
  NO_ENTRIES,
} from '../../lib/config/configuration-source.ts';

/** Reads all entries of the source, once. Throws ConfigurationUnreadable if it cannot be read as a whole. */
export async function readConfiguration(
  source: ConfigurationSource | undefined,
): Promise<ConfigurationEntries> {
  switch (source?.kind) {
    case undefined:
      return NO_ENTRIES;
    case 'file':
      return readConfigurationFile(source.path);
    case 'ssm':
      throw new ConfigurationUnreadable('Parameter Store is not read yet');
  }
}
