import './quiet-logs.ts';

import * as v from 'valibot';
import { policyOf, policySettings } from '../../../functions/wiring/workflow.ts';
import type { Policy } from '../../../lib/activation/model/policy.ts';
import { readSettings } from '../../../lib/config/settings.ts';
import { TableProperties } from '../../../local/cloud/create-tables.ts';
import { settleConditions } from '../../../local/template/conditions.ts';
import { eventSourceMappingDefinitions } from '../../../local/template/event-source-mappings.ts';
import { functionDefinitions } from '../../../local/template/functions.ts';
import { physicalResources } from '../../../local/template/physical-resources.ts';
import { compileTemplate } from '../../../scripts/compile-template.ts';
import type { IndexKeys } from './table-index.ts';

/* What would be deployed, read from the template, so that nothing of it stands twice. */

const template = settleConditions(await compileTemplate(), { HasWebhookEndpoints: true });
export const STACK = { stackName: 'simulated', region: 'us-east-1', accountId: '000000000000' };
const scope = { ...STACK, resources: physicalResources(template, new Map(), STACK) };
const functions = functionDefinitions(template, scope);
const mappings = eventSourceMappingDefinitions(template, scope);

/** By its key in serverless.yml. */
export function deployedFunction(key: string) {
  const found = functions.find((definition) => definition.key === key);
  if (found === undefined) throw new Error(`the template has no function ${key}`);
  return found;
}

/** The queue's messages invoke the function. */
export function deployedMapping(key: string) {
  const { functionName } = deployedFunction(key);
  const found = mappings.find((mapping) => mapping.functionName === functionName);
  if (found === undefined) throw new Error(`${key} has no event source`);
  return found;
}

/** Of the poller, which has all of it. */
export function shippedPolicy(): Policy {
  return policyOf(readSettings(policySettings, deployedFunction('poll-activations').environment));
}

const queueSchema = v.looseObject({
  VisibilityTimeout: v.optional(v.number(), 30),
  RedrivePolicy: v.optional(v.looseObject({ maxReceiveCount: v.number() })),
});

/** By its name in infra/queues.yml. */
export function deployedQueue(logicalId: string) {
  const { VisibilityTimeout, RedrivePolicy } = v.parse(
    queueSchema,
    template.Resources[logicalId]?.Properties,
  );
  return {
    visibilityTimeoutMs: VisibilityTimeout * 1_000,
    maxReceives: RedrivePolicy?.maxReceiveCount ?? Number.POSITIVE_INFINITY,
  };
}

export const TABLE_NAME = scope.resources.get('ActivationsTable')?.ref ?? '';

const table = v.parse(TableProperties, template.Resources.ActivationsTable?.Properties);

/** By name the keys of the table's indexes. All hold keys alone. */
export const TABLE_INDEXES: Readonly<Record<string, IndexKeys>> = Object.fromEntries(
  [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map(
    ({ IndexName, KeySchema }) => {
      const [partition = '', range = ''] = KeySchema.map(({ AttributeName }) => AttributeName);
      return [IndexName, { partition, range }];
    },
  ),
);
