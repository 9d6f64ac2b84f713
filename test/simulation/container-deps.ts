import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { rateOf } from '../../functions/compose/volcengine.ts';
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
/** The maximumConcurrency of the work queue's event source, as in serverless.yml. */
export const WORKERS = 2;

const QUIET: Log = { info() {}, warn() {}, error() {} };

export const SDK = {
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
  const { wire, random, dynamodb, sqs, eventbridge, volcengine, accounts, policy, watch } = world;
  const clientOf = (prototype: object, exchangeOf: (command: unknown) => Exchange<unknown>) =>
    Object.assign(Object.create(prototype), {
      send: (command: unknown) => wire.exchange(container, exchangeOf(command)),
    });
  const dynamoDbClient: DynamoDBClient = clientOf(DynamoDBClient.prototype, (command) => {
    const { caller } = container;
    const apply = () => {
      try {
        return dynamodb.execute(command, caller);
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
  const common = { now: container.now, log: QUIET, metrics };

  return {
    ...common,
    dynamoDbClient,
    policy,
    random: random.next,
    store: createDynamoDbActivationStore(dynamoDbClient, 'activations', common, container.sleep),
    checkpoints: createDynamoDbCheckpointStore(dynamoDbClient, 'activations', common),
    queue: createSqsActivationQueue(sqsClient, WORK_QUEUE, QUIET, POISON_QUEUE),
    deadLetters: createSqsDeadLetterQueue(sqsClient, DEAD_LETTER_QUEUE),
    publisher: createEventBridgePublisher({ metrics, client: eventBridgeClient, busName: BUS_NAME }),
    api: createFlowLogApi({
      clock: common.now,
      credentials: credentialsOf(container, world),
      transport: {
        host: 'open.volcengineapi.com',
        close: async () => {},
        get: (request) => {
          const kind = request.path.includes('Action=ActiveFlowLog') ? 'ActiveFlowLog' : 'DescribeFlowLogs';
          const about = /FlowLogId(?:s\.1)?=([^&]*)/.exec(request.path)?.[1] ?? '';
          const { caller } = container;
          const answer = wire.exchange(container, {
            service: 'volcengine',
            kind,
            about,
            apply: () => accounts.answer(request, (own) => volcengine.answer(own, caller)),
            lost: () => networkFailure(random),
            timeoutMs: policy.callTimeoutMs,
            // What it begins after the client has given up is not modelled: a lease cannot guard against that.
            latestArrivalMs: policy.callTimeoutMs - 1,
          });
          if (kind === 'ActiveFlowLog') return watch.calling(about, caller, answer);
          if (caller.name.startsWith('poller')) void noteHeard(world, request.path, answer);
          return answer;
        },
      },
    }),
  };
}

async function noteHeard({ rightEnds, volcengine }: World, path: string, answer: Promise<object>) {
  const ids = [...new URLSearchParams(path).values()];
  await answer.then(
    (answered) => rightEnds.heard(ids, volcengine.tellingOf(answered)),
    () => {},
  );
}

/** A secret that each container keeps until it is told to read it again. */
export function credentialsOf(container: Container, { wire, accounts }: World) {
  const configured = accounts.configured();
  const known = new Map<string, string>();
  return async (account: string, options?: { refresh: boolean }) => {
    if (!configured.has(account)) throw new Error(`no credentials are configured for account ${account}`);
    const cached = options?.refresh ? undefined : known.get(account);
    const accessKeyId =
      cached ??
      (await wire.exchange(container, {
        ...SDK,
        service: 'credentials',
        kind: 'read credentials',
        about: '',
        apply: () => accounts.keyOf(account),
      }));
    known.set(account, accessKeyId);
    return { accessKeyId, secretAccessKey: 'simulated-secret-key' };
  };
}

export function limiterOf(container: Container, { policy }: World, caller: Parameters<typeof rateOf>[0]) {
  return createRateLimiter({
    ...rateOf(caller, { ratePerSecond: policy.ratePerSecond, workerConcurrency: WORKERS }),
    now: container.now,
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
    accounts: world.accounts.configured(),
  };
}
