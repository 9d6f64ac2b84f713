import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { WorkerDeps } from '../../lib/activation/activate-flow-log.ts';
import type { CheckDeps } from '../../lib/activation/check-drift.ts';
import type { PollerDeps } from '../../lib/activation/poller-deps.ts';
import type { Log, Metrics } from '../../lib/activation/ports.ts';
import { createRateLimiter } from '../../lib/activation/rate-limiter.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { createEventBridgePublisher } from '../../lib/aws/eventbridge-publisher.ts';
import { createSqsActivationQueue } from '../../lib/aws/sqs-activation-queue.ts';
import { createSqsDeadLetterQueue } from '../../lib/aws/sqs-dead-letter-queue.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import type { Container } from './container.ts';
import { dynamoDbIo } from './dynamodb-io.ts';
import { BUS_NAME, eventBridgeIo } from './simulated-eventbridge.ts';
import { DEAD_LETTER_QUEUE, POISON_QUEUE, sqsIo, WORK_QUEUE } from './simulated-sqs.ts';
import { networkFailure } from './volcengine-answers.ts';
import type { Exchange } from './wire.ts';
import type { World } from './world.ts';

/** All that the SDK can throw, once it has given up, but for what a service answers on purpose. */
class ServiceUnavailable extends Error {
  override name = 'ServiceUnavailable';
}

/** Three requests of three seconds each. */
const SDK_TIMEOUT_MS = 9_000;
/** As in functions/compose: shares of the rate, and the workers it is divided among. */
const SHARES = { worker: 0.35, poller: 0.2, redrive: 0.05, drift: 0.05, selection: 1 };
const BURST_SECONDS = 2.5;

const QUIET: Log = { info() {}, warn() {}, error() {} };

const SDK = {
  timeoutMs: SDK_TIMEOUT_MS,
  latestArrivalMs: 2 * SDK_TIMEOUT_MS,
  lost: () => {
    throw new ServiceUnavailable();
  },
};

/**
 * The real adapters of one container, on the simulated wires. A client is of the SDK's class, so that it is of its
 * type, but nothing of the SDK's machinery is built, which takes longer than a schedule.
 */
export function adaptersOf(container: Container, world: World) {
  const { wire, time, random, dynamodb, sqs, eventbridge, volcengine, policy } = world;
  const clientOf = (prototype: object, exchangeOf: (command: unknown) => Exchange<unknown>) =>
    Object.assign(Object.create(prototype), {
      send: (command: unknown) => wire.exchange(container, exchangeOf(command)),
    });
  const dynamoDbClient: DynamoDBClient = clientOf(DynamoDBClient.prototype, (command) => {
    const writer = container.name;
    const apply = () => {
      try {
        return dynamodb.execute(command, writer);
      } catch (error) {
        if (error instanceof ThrottlingException) container.faults += 1;
        throw error;
      }
    };
    return { ...SDK, ...dynamoDbIo(command), service: 'dynamodb', apply };
  });
  const sqsClient: SQSClient = clientOf(SQSClient.prototype, (command) => ({
    ...SDK,
    ...sqsIo(command),
    service: 'sqs',
    apply: () => sqs.execute(command),
  }));
  const eventBridgeClient: EventBridgeClient = clientOf(EventBridgeClient.prototype, (command) => ({
    ...SDK,
    kind: eventBridgeIo(command),
    about: '',
    service: 'eventbridge',
    apply: () => eventbridge.execute(command),
  }));
  const metrics: Metrics = { count() {} };
  const common = { now: () => time.now, log: QUIET, metrics };

  return {
    ...common,
    dynamoDbClient,
    policy,
    random: random.next,
    store: createDynamoDbActivationStore(dynamoDbClient, 'activations', common, container.sleep),
    checkpoints: createDynamoDbCheckpointStore(dynamoDbClient, 'activations', common),
    queue: createSqsActivationQueue(sqsClient, WORK_QUEUE, QUIET, POISON_QUEUE),
    deadLetters: createSqsDeadLetterQueue(sqsClient, DEAD_LETTER_QUEUE, QUIET),
    publisher: createEventBridgePublisher({ ...common, client: eventBridgeClient, busName: BUS_NAME }),
    api: createFlowLogApi({
      clock: common.now,
      credentials: credentialsOf(container, world),
      transport: {
        host: 'open.volcengineapi.com',
        close: async () => {},
        get: (request) => {
          const kind = request.path.includes('Action=ActiveFlowLog') ? 'ActiveFlowLog' : 'DescribeFlowLogs';
          return wire.exchange(container, {
            service: 'volcengine',
            kind,
            about: /FlowLogId(?:s\.1)?=([^&]*)/.exec(request.path)?.[1] ?? '',
            apply: () => volcengine.answer(request),
            lost: () => networkFailure(random),
            timeoutMs: policy.callTimeoutMs,
            // What it begins after the client has given up is not modelled: a lease cannot guard against that.
            latestArrivalMs: policy.callTimeoutMs - 1,
          });
        },
      },
    }),
  };
}

/** A secret that each container keeps until it is told to read it again. */
export function credentialsOf(container: Container, { wire, volcengine }: World) {
  let cached: string | undefined;
  return async (_account: string, options?: { refresh: boolean }) => {
    if (cached === undefined || options?.refresh) {
      cached = await wire.exchange(container, {
        ...SDK,
        service: 'credentials',
        kind: 'read credentials',
        about: '',
        apply: () => volcengine.accessKeyId,
      });
    }
    return { accessKeyId: cached, secretAccessKey: 'simulated-secret-key' };
  };
}

export function limiterOf(container: Container, { time, policy }: World, caller: keyof typeof SHARES) {
  const ratePerSecond = policy.ratePerSecond * SHARES[caller];
  return createRateLimiter({
    ratePerSecond,
    burst: Math.max(1, Math.floor(ratePerSecond * BURST_SECONDS)),
    now: () => time.now,
    sleep: container.sleep,
  });
}

export function workerDepsOf(container: Container, world: World): WorkerDeps {
  return {
    ...adaptersOf(container, world),
    limiter: limiterOf(container, world, 'worker'),
    newLeaseId: () => world.random.hex(32),
  };
}

export function pollerDepsOf(container: Container, world: World): PollerDeps {
  return { ...adaptersOf(container, world), limiter: limiterOf(container, world, 'poller') };
}

export function checkDepsOf(container: Container, world: World): CheckDeps {
  return {
    ...adaptersOf(container, world),
    limiter: limiterOf(container, world, 'drift'),
    replicaLagMs: world.policy.replicaLagMs,
    sleep: container.sleep,
  };
}

export function httpDepsOf(container: Container, world: World) {
  return {
    scopeRefusal: () => undefined,
    ...adaptersOf(container, world),
    limiter: limiterOf(container, world, 'redrive'),
    newBatchId: () => `b-${world.random.hex(32)}`,
    region: 'cn-beijing',
    accounts: new Map([['default', undefined]]),
  };
}
