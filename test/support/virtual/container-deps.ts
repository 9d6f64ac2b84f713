import type { SQSClient } from '@aws-sdk/client-sqs';
import { circuitBreakersOf } from '../../../functions/wiring/webhook-endpoints.ts';
import { webhookSettings } from '../../../functions/wiring/webhook-sources.ts';
import type { CheckDeps } from '../../../lib/activation/drift/check-drift.ts';
import { carryOut } from '../../../lib/activation/operations/carry-out.ts';
import type { PollerDeps } from '../../../lib/activation/poller/poller-deps.ts';
import { createTickChain, wakingStore } from '../../../lib/activation/poller/tick-chain.ts';
import { createAccountQuota } from '../../../lib/activation/quota/account-quota.ts';
import type { StatusDeps } from '../../../lib/activation/status/read-status.ts';
import type { WorkerDeps } from '../../../lib/activation/worker-deps.ts';
import { createDynamoDbActivationStore } from '../../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../../lib/aws/dynamodb-checkpoint-store.ts';
import { createDynamoDbOperationStore } from '../../../lib/aws/dynamodb-operation-store.ts';
import { createDynamoDbPlanStore } from '../../../lib/aws/dynamodb-plan-store.ts';
import { createDynamoDbQuotaStore } from '../../../lib/aws/dynamodb-quota-store.ts';
import { createDynamoDbRunStore } from '../../../lib/aws/dynamodb-run-store.ts';
import { createTableSampler } from '../../../lib/aws/dynamodb-table-sampler.ts';
import { createBusCheck } from '../../../lib/aws/eventbridge-bus-check.ts';
import { createEventBridgePublisher } from '../../../lib/aws/eventbridge-publisher.ts';
import { createItemReader } from '../../../lib/aws/item-reader.ts';
import { createSqsActivationQueue } from '../../../lib/aws/sqs-activation-queue.ts';
import { createSqsDeadLetterQueue } from '../../../lib/aws/sqs-dead-letter-queue.ts';
import { createSqsTickQueue } from '../../../lib/aws/sqs-tick-queue.ts';
import { createSqsWebhookQueue } from '../../../lib/aws/sqs-webhook-queue.ts';
import { createFlowLogApi } from '../../../lib/volcengine/flow-log-api.ts';
import { createFlowLogFinder } from '../../../lib/volcengine/select-flow-logs.ts';
import { createSourceSecrets } from '../../../lib/webhooks/inbound/source-secrets.ts';
import type { PostOutcome, WebhookRequest } from '../../../lib/webhooks/outbound/ports.ts';
import { createSigningKeys } from '../../../lib/webhooks/outbound/signing-keys.ts';
import type { Outside } from './outside.ts';
import { DEAD_LETTER_QUEUE, POISON_QUEUE, POLL_QUEUE, WORK_QUEUE } from './queues.ts';
import { BUS_NAME } from './simulated-eventbridge.ts';

export const REGION = 'cn-beijing';
const RETRY_BASE_MS = 2_000;

/** What the sender of webhooks has of the outside, beside the rest. */
export type Endpoints = {
  receivers: {
    name: string;
    types: readonly string[] | undefined;
    secret: string;
    post: (request: WebhookRequest) => Promise<PostOutcome>;
  }[];
  /** Of the webhook queue and those behind it. */
  client: SQSClient;
  attemptTimeoutMs: number;
};

/** The real adapters of one container, on the simulated wires. */
function adaptersOf(outside: Outside) {
  const {
    tableName,
    dynamoDbClient,
    sqsClient,
    eventBridgeClient,
    now,
    sleep,
    random,
    policy,
    log,
    metrics,
  } = outside;
  const common = { now, log, metrics };
  const quotas = createDynamoDbQuotaStore(dynamoDbClient, tableName, common);
  const quota = createAccountQuota({ store: quotas, ratePerSecond: policy.ratePerSecond, now, sleep, log });
  return {
    ...common,
    limiter: quota,
    turns: quota,
    pauses: quota,
    schedules: quota,
    policy,
    allowsDeactivation: outside.allowsDeactivation,
    random,
    store: createDynamoDbActivationStore(dynamoDbClient, tableName, common, sleep),
    operations: createDynamoDbOperationStore(dynamoDbClient, tableName, common, sleep),
    checkpoints: createDynamoDbCheckpointStore(dynamoDbClient, tableName, common),
    queue: createSqsActivationQueue(sqsClient, WORK_QUEUE, log, POISON_QUEUE),
    deadLetters: createSqsDeadLetterQueue(sqsClient, DEAD_LETTER_QUEUE, log),
    publisher: createEventBridgePublisher({ metrics, log, client: eventBridgeClient, busName: BUS_NAME }),
    api: createFlowLogApi({
      clock: now,
      credentials: outside.credentials,
      transport: outside.transport,
    }),
  };
}

export function ticksOf({ tableName, dynamoDbClient, sqsClient, now, sleep, hex, log, metrics }: Outside) {
  const checkpoints = createDynamoDbCheckpointStore(dynamoDbClient, tableName, { log, metrics });
  const ticks = createSqsTickQueue(sqsClient, POLL_QUEUE);
  return createTickChain({ checkpoints, ticks, now, sleep, newId: () => hex(8), log });
}

/** Of a function whose writes wake the poller. */
function wakingAdaptersOf(outside: Outside) {
  const adapters = adaptersOf(outside);
  return { ...adapters, store: wakingStore(adapters.store, ticksOf(outside), adapters.now) };
}

export function workerDepsOf(outside: Outside): WorkerDeps {
  return {
    ...wakingAdaptersOf(outside),
    newLeaseId: () => outside.hex(32),
  };
}

export function pollerDepsOf(outside: Outside): PollerDeps {
  const deps = { ...adaptersOf(outside), scopeRefusal: () => undefined };
  return { ...deps, carryOut: (operations, limit) => carryOut(deps, operations, limit) };
}

export function checkDepsOf(outside: Outside): CheckDeps {
  return {
    ...wakingAdaptersOf(outside),
    replicaLagMs: outside.policy.replicaLagMs,
    sleep: outside.sleep,
  };
}

/** What it looks at but the queues, which are not asked for their depth here. */
function statusDepsOf(outside: Outside): StatusDeps {
  const { tableName, dynamoDbClient, eventBridgeClient, accounts, policy, allowsDeactivation, now } = outside;
  return {
    table: createTableSampler(dynamoDbClient, tableName, createItemReader(outside)),
    quotas: createDynamoDbQuotaStore(dynamoDbClient, tableName, outside),
    checkpoints: createDynamoDbCheckpointStore(dynamoDbClient, tableName, outside),
    queues: { read: async () => new Map() },
    bus: createBusCheck(eventBridgeClient, BUS_NAME),
    configuration: { refresh: async () => {}, state: () => ({ disabled: [] }) },
    accounts,
    policy,
    allowsDeactivation,
    now,
  };
}

export function httpDepsOf(outside: Outside) {
  const { tableName, dynamoDbClient, hex, sleep } = outside;
  return {
    scopeRefusal: () => undefined,
    ...wakingAdaptersOf(outside),
    newBatchId: () => `b-${outside.hex(32)}`,
    newOperationId: () => `o-${outside.hex(32)}`,
    wake: ticksOf(outside).wake,
    region: REGION,
    accounts: outside.accounts,
    plans: createDynamoDbPlanStore(dynamoDbClient, tableName, () => hex(8), outside, sleep),
    runs: createDynamoDbRunStore(dynamoDbClient, tableName, outside, sleep),
    statusDeps: () => statusDepsOf(outside),
  };
}

export function batchDepsOf(outside: Outside) {
  const deps = httpDepsOf(outside);
  const { hex, sleep, credentials, finderTransport } = outside;
  return {
    ...deps,
    sleep,
    newPlanId: () => `p-${hex(32)}`,
    finder: createFlowLogFinder({ clock: deps.now, credentials, transport: finderTransport }),
  };
}

export function webhookDepsOf(outside: Outside, sources: string) {
  const deps = httpDepsOf(outside);
  const secrets = createSourceSecrets({ log: deps.log, read: async () => [] });
  return { ...deps, sources: webhookSettings.sources.parse(sources), secrets };
}

export function senderDepsOf(
  { now, random, log, metrics }: Outside,
  { receivers, client, attemptTimeoutMs }: Endpoints,
) {
  const createBreaker = circuitBreakersOf({
    timeoutMs: attemptTimeoutMs,
    retryBaseMs: RETRY_BASE_MS,
    now,
    random,
  });
  const endpoints = receivers.map(({ name, types, secret, post }) => ({
    name,
    types,
    signingKeys: createSigningKeys([secret], async () => []),
    circuitBreaker: createBreaker(),
    post,
  }));
  const queues = { queue: WORK_QUEUE, deadLetters: DEAD_LETTER_QUEUE, poison: POISON_QUEUE };
  return {
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])),
    queue: createSqsWebhookQueue(client, queues, log),
    metrics,
    log,
    now,
    random,
    retryBaseMs: RETRY_BASE_MS,
    attemptTimeoutMs,
  };
}
