import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { policyOf, policySettings } from '../../functions/wiring/workflow.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import type { Log, Metrics } from '../../lib/activation/model/ports.ts';
import { createAccountQuota } from '../../lib/activation/quota/account-quota.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { createEventBridgePublisher } from '../../lib/aws/eventbridge-publisher.ts';
import { createSqsActivationQueue } from '../../lib/aws/sqs-activation-queue.ts';
import { createSqsDeadLetterQueue } from '../../lib/aws/sqs-dead-letter-queue.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import { DEFAULT_CREDENTIAL } from '../../local/volcengine/start-fake-volcengine.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a service does with a command of the SDK, at once or with I/O. */
type Service = { execute(command: unknown): unknown };

export type Table = Service & { tableName: string };

export type Services = {
  dynamodb: Table;
  queue: Service;
  bus: Service;
  volcengineUrl: string;
  workers: number;
  /** In place of a log of warnings and errors alone, and of metrics that are dropped. */
  telemetry?: Telemetry;
};

const nothing = { tableName: '', execute: () => ({}) };

/** Nobody answers: for a poller whose store and client are replaced. */
export const NO_SERVICES: Services = {
  dynamodb: nothing,
  queue: nothing,
  bus: nothing,
  volcengineUrl: 'http://127.0.0.1:1',
  workers: 1,
};

export type Telemetry = { log: Log; metrics: Metrics };

/** In virtual time, there and back. */
const AWS_MS = 5;
const VOLCENGINE_MS = 50;

export const REGION = 'cn-beijing';
/** As deployed, but for the rate and the tick. */
export function policyFor(ratePerSecond: number, tickMs = 5_000): Policy {
  return { ...policyOf(readSettings(policySettings, {})), ratePerSecond, tickMs };
}

/** Nothing fails in a bench, and a warning would say that something did. */
const quiet: Log = {
  info() {},
  warn: (message, fields) => console.error(message, fields),
  error: (message, fields) => console.error(message, fields),
};
const warnings: Telemetry = { log: quiet, metrics: { count() {} } };

/**
 * A client of the SDK's class whose commands go to `service`, without the SDK's machinery. A service that answers
 * with a promise does real I/O, in which no time passes.
 */
function clientOf<Client extends object>(prototype: Client, clock: VirtualClock, service: Service): Client {
  const send = async (command: unknown) => {
    await clock.sleep(AWS_MS);
    const answer = service.execute(command);
    return answer instanceof Promise ? clock.hold(() => answer) : answer;
  };
  return Object.assign(Object.create(prototype), { send });
}

/** What the fake Volcengine accepts for it. */
export function credentialOf(account: string) {
  if (account === DEFAULT_CREDENTIAL.account) return DEFAULT_CREDENTIAL;
  return { account, accessKey: `key-of-${account}`, secretKey: `secret-of-${account}` };
}

/** Calls the fake Volcengine over HTTP, signed; the call takes its time by the virtual clock. */
export function flowLogApiOf(clock: VirtualClock, volcengineUrl: string) {
  const transport = createTransport({ endpoint: volcengineUrl, timeoutMs: 5_000 });
  const api = createFlowLogApi({
    clock: clock.now,
    async credentials(account) {
      const { accessKey: accessKeyId, secretKey: secretAccessKey } = credentialOf(account);
      return { accessKeyId, secretAccessKey };
    },
    transport: {
      ...transport,
      async get(request) {
        await clock.sleep(VOLCENGINE_MS);
        return clock.hold(() => transport.get(request));
      },
    },
  });
  return { api, close: () => transport.close() };
}

/** The real adapters of one container. */
export function adaptersOf(
  clock: VirtualClock,
  services: Services,
  policy: Policy,
  _caller: 'worker' | 'poller',
) {
  const { dynamodb, queue, bus, volcengineUrl } = services;
  const { log, metrics } = services.telemetry ?? warnings;
  const sqs = clientOf(SQSClient.prototype, clock, queue);
  const { api, close } = flowLogApiOf(clock, volcengineUrl);
  const client = clientOf(DynamoDBClient.prototype, clock, dynamodb);
  const quota = createAccountQuota({
    store: createDynamoDbQuotaStore(client, dynamodb.tableName, { log, metrics }),
    ratePerSecond: policy.ratePerSecond,
    now: clock.now,
    sleep: clock.sleep,
  });
  return {
    close,
    deps: {
      now: clock.now,
      log,
      metrics,
      policy,
      api,
      // Jitter would make one run differ from the next.
      random: () => 0.5,
      store: createDynamoDbActivationStore(client, dynamodb.tableName, { log, metrics }),
      queue: createSqsActivationQueue(sqs, 'work', log, 'poison'),
      deadLetters: createSqsDeadLetterQueue(sqs, 'dead-letters'),
      publisher: createEventBridgePublisher({
        metrics,
        client: clientOf(EventBridgeClient.prototype, clock, bus),
        busName: 'activations',
      }),
      limiter: quota,
      turns: quota,
    },
  };
}
