import type { OperationDeps } from '../../lib/activation/operations/request-operation.ts';
import type { PauseDeps } from '../../lib/activation/quota/pause-account.ts';
import type { RequestDeps } from '../../lib/activation/request/request-activations.ts';
import type { RequestDefaults } from '../../lib/api/requests/account-check.ts';
import { accountSettings, accountsOf } from '../../lib/config/accounts.ts';
import type { readSettings } from '../../lib/config/settings.ts';
import { createWorkflow, endpointSettings, regionSettings, workflowSettings } from './workflow.ts';

export const requestSettings = {
  ...workflowSettings,
  ...accountSettings,
  ...regionSettings,
  ...endpointSettings,
};

export type RequestServices = RequestDeps & RequestDefaults & PauseDeps & Omit<OperationDeps, 'wake'>;

/** The dependencies of every function that takes requests for flow logs. */
export function createRequestServices(settings: ReturnType<typeof readSettings<typeof requestSettings>>) {
  const { region, endpoint } = settings;
  return { ...createWorkflow(settings), region, endpoint, accounts: accountsOf(settings) };
}
