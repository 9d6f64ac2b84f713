import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { StatusDeps } from '../../lib/activation/status/read-status.ts';
import { CLIENT_OPTIONS } from '../../lib/aws/client-options.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { createTableSampler } from '../../lib/aws/dynamodb-table-sampler.ts';
import { createBusCheck } from '../../lib/aws/eventbridge-bus-check.ts';
import { createItemReader } from '../../lib/aws/item-reader.ts';
import { createQueueDepths } from '../../lib/aws/sqs-queue-depths.ts';
import { readSettings, text } from '../../lib/config/settings.ts';
import { counters, log } from '../../lib/runtime/telemetry.ts';
import { createConfiguration, liveSettings } from './configuration.ts';
import { directionSettings, policySettings, tableSettings } from './workflow.ts';

/** What GET /status looks at. Throws ConfigurationError. */
export function statusServices(client: DynamoDBClient): StatusDeps {
  const { ratePerSecond, requeueAfterMs } = policySettings;
  const settings = readSettings({
    ...tableSettings,
    ...liveSettings,
    ...directionSettings,
    ratePerSecond,
    requeueAfterMs,
    busName: text('EVENT_BUS_NAME'),
    activation: text('ACTIVATION_QUEUE_URL'),
    deadLetter: text('DEAD_LETTER_QUEUE_URL'),
    poison: text('POISON_QUEUE_URL'),
    poll: text('POLL_QUEUE_URL'),
    webhook: text('WEBHOOK_QUEUE_URL'),
    webhookDeadLetter: text('WEBHOOK_DEAD_LETTER_QUEUE_URL'),
    webhookPoison: text('WEBHOOK_POISON_QUEUE_URL'),
  });
  const configuration = createConfiguration(settings);
  const telemetry = { log, metrics: counters };
  return {
    table: createTableSampler(client, settings.tableName, createItemReader(telemetry)),
    quotas: createDynamoDbQuotaStore(client, settings.tableName, telemetry),
    checkpoints: createDynamoDbCheckpointStore(client, settings.tableName, telemetry),
    queues: createQueueDepths(new SQSClient(CLIENT_OPTIONS), settings),
    bus: createBusCheck(new EventBridgeClient(CLIENT_OPTIONS), settings.busName),
    configuration,
    accounts: configuration.accounts,
    policy: settings,
    allowsDeactivation: settings.allowDeactivation === 'true',
    now: Date.now,
  };
}
