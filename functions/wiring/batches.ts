import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StartDeps } from '../../lib/activation/batches/start-batch.ts';
import { CLIENT_OPTIONS } from '../../lib/aws/client-options.ts';
import { createDynamoDbPlanStore } from '../../lib/aws/dynamodb-plan-store.ts';
import { type Accounts, accountsOf, scopeCheckOf } from '../../lib/config/accounts.ts';
import type { readSettings } from '../../lib/config/settings.ts';
import { createFinder, createLimiter, volcengineSettings } from './volcengine.ts';
import { createWorkflow, regionSettings, workflowSettings } from './workflow.ts';

export const batchSettings = {
  ...workflowSettings,
  ...volcengineSettings,
  ...regionSettings,
};

export type BatchServices = StartDeps & { region: string; accounts: Accounts; endpoint?: string };

/** The dependencies to select, plan and start batches. */
export function batchServices(
  settings: ReturnType<typeof readSettings<typeof batchSettings>>,
): BatchServices {
  const accounts = accountsOf(settings);
  const workflow = createWorkflow(settings);
  return {
    ...workflow,
    plans: createDynamoDbPlanStore(
      new DynamoDBClient(CLIENT_OPTIONS),
      settings.tableName,
      randomUUID,
      workflow,
    ),
    finder: createFinder(settings, accounts),
    limiter: createLimiter('selection', settings),
    sleep,
    scopeRefusal: scopeCheckOf(accounts),
    newPlanId: () => `p-${randomUUID().replaceAll('-', '')}`,
    region: settings.region,
    endpoint: settings.endpoint,
    accounts,
  };
}
