import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { isRegion } from '../../lib/activation/model/ids.ts';
import { MAX_DELAY_MS, type Policy } from '../../lib/activation/model/policy.ts';
import type { ActivationStore } from '../../lib/activation/model/ports.ts';
import { createTickChain, type TickChain, wakingStore } from '../../lib/activation/poller/tick-chain.ts';
import { createAccountQuota } from '../../lib/activation/quota/account-quota.ts';
import { CLIENT_OPTIONS, type ClientOptions } from '../../lib/aws/client-options.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { createDynamoDbOperationStore } from '../../lib/aws/dynamodb-operation-store.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { createSqsActivationQueue } from '../../lib/aws/sqs-activation-queue.ts';
import { createSqsTickQueue } from '../../lib/aws/sqs-tick-queue.ts';
import {
  matching,
  numberOr,
  oneOf,
  type readSettings,
  text,
  wholeNumberOr,
} from '../../lib/config/settings.ts';
import { counters, log } from '../../lib/runtime/telemetry.ts';
import { parseEndpoint } from '../../lib/volcengine/endpoint.ts';
import { BY_REGION } from '../../lib/volcengine/hosts.ts';

const DAY_MS = 86_400_000;

export const tableSettings = { tableName: text('ACTIVATIONS_TABLE') };

/** The default region of a request. */
export const regionSettings = {
  region: matching('VOLCENGINE_REGION', 'cn-beijing', isRegion, 'must be a region such as cn-beijing'),
};

export const endpointSettings = {
  endpoint: {
    name: 'VOLCENGINE_ENDPOINT',
    parse: (value = BY_REGION) => (value === BY_REGION ? value : parseEndpoint(value).origin),
  },
};

export const policySettings = {
  ratePerSecond: numberOr('RATE_LIMIT_PER_SECOND', 4, 0.01, 100_000),
  retryBaseMs: wholeNumberOr('RETRY_BASE_MS', 1_000, 1, MAX_DELAY_MS),
  retryCapMs: wholeNumberOr('RETRY_CAP_MS', MAX_DELAY_MS, 1, MAX_DELAY_MS),
  holdMs: wholeNumberOr('HOLD_RETRY_MS', 300_000, 1_000, MAX_DELAY_MS),
  requeueAfterMs: wholeNumberOr('REQUEUE_AFTER_MS', 180_000, 1_000, 43_200_000),
  activationDeadlineMs: wholeNumberOr('ACTIVATION_DEADLINE_MS', DAY_MS, 1_000, 30 * DAY_MS),
  pendingDeadlineMs: wholeNumberOr('PENDING_DEADLINE_MS', 1_800_000, 1_000, 30 * DAY_MS),
  replicaLagMs: wholeNumberOr('REPLICA_LAG_MS', 60_000, 0, 600_000),
  callTimeoutMs: wholeNumberOr('VOLCENGINE_TIMEOUT_MS', 5_000, 100, 15_000),
  tickMs: wholeNumberOr('POLL_TICK_MS', 5_000, 50, 30_000),
};

/** Nothing is ever deactivated, unless the deployment says `true`. */
export const directionSettings = {
  allowDeactivation: oneOf('ALLOW_DEACTIVATION', ['true', 'false'], 'false'),
};

export const workflowSettings = {
  ...tableSettings,
  ...directionSettings,
  queueUrl: text('ACTIVATION_QUEUE_URL'),
  ...policySettings,
};

/** Of the functions that wake the poller, and of the poller itself. */
export const tickSettings = { ...tableSettings, pollQueueUrl: text('POLL_QUEUE_URL') };

/** How much longer than a call a lease lasts: for wrong clocks and the write before the call. */
const LEASE_MARGIN_MS = 10_000;

export function policyOf(settings: ReturnType<typeof readSettings<typeof policySettings>>): Policy {
  return { ...settings, leaseMs: settings.callTimeoutMs + LEASE_MARGIN_MS };
}

const telemetry = { log, metrics: counters };

/* What is given the same client shares its connections. */

export function createStore({ tableName }: { tableName: string }, client = createClient()) {
  return createDynamoDbActivationStore(client, tableName, telemetry);
}

/** Stored in the table of activations. */
export function createCheckpoints({ tableName }: { tableName: string }, client = createClient()) {
  return createDynamoDbCheckpointStore(client, tableName, telemetry);
}

export function createOperations({ tableName }: { tableName: string }, client = createClient()) {
  return createDynamoDbOperationStore(client, tableName, telemetry);
}

/** Shared by everybody who calls Volcengine for an account (Invariant 9). Stored in the table of activations. */
export function createQuota(
  { tableName, ratePerSecond }: { tableName: string; ratePerSecond: number },
  client = createClient(),
) {
  const store = createDynamoDbQuotaStore(client, tableName, telemetry);
  return createAccountQuota({ store, ratePerSecond, now: Date.now, sleep, log: telemetry.log });
}

export function createTicks(
  settings: { tableName: string; pollQueueUrl: string },
  options: ClientOptions = CLIENT_OPTIONS,
  client = createClient(options),
): TickChain {
  const ticks = createSqsTickQueue(new SQSClient(options), settings.pollQueueUrl);
  return createTickChain({
    checkpoints: createCheckpoints(settings, client),
    ticks,
    now: Date.now,
    sleep: (ms) => sleep(ms, undefined, { ref: false }),
    newId: randomUUID,
    log,
  });
}

/** The dependencies with a store that wakes the poller, and with what else wakes it. */
export function withWakingStore<Deps extends { store: ActivationStore }>(
  deps: Deps,
  settings: Parameters<typeof createTicks>[0],
): Deps & Pick<TickChain, 'wake'> {
  const ticks = createTicks(settings);
  return { ...deps, store: wakingStore(deps.store, ticks, Date.now), wake: ticks.wake };
}

/** The dependencies of every function that writes activations and enqueues their jobs. */
export function createWorkflow(
  settings: ReturnType<typeof readSettings<typeof workflowSettings>> & { poisonQueueUrl?: string },
  options: ClientOptions = CLIENT_OPTIONS,
  client = createClient(options),
) {
  const { queueUrl, poisonQueueUrl } = settings;
  const quota = createQuota(settings, client);
  return {
    ...telemetry,
    store: createStore(settings, client),
    operations: createOperations(settings, client),
    queue: createSqsActivationQueue(new SQSClient(options), queueUrl, log, poisonQueueUrl),
    limiter: quota,
    turns: quota,
    pauses: quota,
    schedules: quota,
    policy: policyOf(settings),
    allowsDeactivation: settings.allowDeactivation === 'true',
    now: Date.now,
    random: Math.random,
    newBatchId: () => newId('b'),
    newOperationId: () => newId('o'),
  };
}

/** Of the table. */
export function createClient(options: ClientOptions = CLIENT_OPTIONS): DynamoDBClient {
  const client = new DynamoDBClient(options);
  // It copies each request and response for a logger. There is none.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/** A random id for a request without an idempotency key. */
export function newId(kind: 'b' | 'o' | 'p'): string {
  return `${kind}-${randomUUID().replaceAll('-', '')}`;
}
