import type { OperationDeps } from '../../lib/activation/operations/request-operation.ts';
import type { PauseDeps } from '../../lib/activation/quota/pause-account.ts';
import type { RequestDeps } from '../../lib/activation/request/request-activations.ts';
import type { RequestDefaults } from '../../lib/api/requests/account-check.ts';
import type { LiveConfiguration } from '../../lib/config/live-configuration.ts';
import type { readSettings } from '../../lib/config/settings.ts';
import { createConfiguration, liveSettings } from './configuration.ts';
import { createWorkflow, endpointSettings, regionSettings, workflowSettings } from './workflow.ts';

export const requestSettings = {
  ...workflowSettings,
  ...liveSettings,
  ...regionSettings,
  ...endpointSettings,
};

export type RequestServices = RequestDeps & RequestDefaults & PauseDeps & Omit<OperationDeps, 'wake'>;

/** What is stored is read again before a request is handled: see `refreshed`. */
export type Refreshable = { configuration: LiveConfiguration };

/** The dependencies of every function that takes requests for flow logs. */
export function createRequestServices(settings: ReturnType<typeof readSettings<typeof requestSettings>>) {
  const { region, endpoint } = settings;
  const configuration = createConfiguration(settings);
  return { ...createWorkflow(settings), region, endpoint, configuration, accounts: configuration.accounts };
}
