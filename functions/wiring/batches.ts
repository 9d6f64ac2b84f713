import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartDeps } from '../../lib/activation/batches/start-batch.ts';
import type { RunNotes } from '../../lib/activation/model/ports.ts';
import { createDynamoDbPlanStore } from '../../lib/aws/dynamodb-plan-store.ts';
import { scopeCheckOf } from '../../lib/config/accounts.ts';
import type { readSettings } from '../../lib/config/settings.ts';
import {
  createRequestServices,
  type Refreshable,
  type RequestServices,
  requestSettings,
} from './request-services.ts';
import { createFinder, volcengineSettings } from './volcengine.ts';
import { createClient, newId } from './workflow.ts';

export const batchSettings = { ...requestSettings, ...volcengineSettings };

export type BatchServices = StartDeps & RequestServices & { schedules: RunNotes };

/** The dependencies to select, plan and start batches. */
export function batchServices(
  settings: ReturnType<typeof readSettings<typeof batchSettings>>,
): BatchServices & Refreshable {
  const services = createRequestServices(settings);
  const { configuration, accounts } = services;
  return {
    ...services,
    plans: createDynamoDbPlanStore(createClient(), settings.tableName, randomUUID, services),
    finder: createFinder(settings, configuration),
    sleep,
    scopeRefusal: scopeCheckOf(accounts),
    newPlanId: () => newId('p'),
  };
}
