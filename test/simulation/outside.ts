import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DuePeriod } from '../../lib/activation/model/ports.ts';
import type { SignedGet } from '../../lib/volcengine/sign.ts';
import type { Transport } from '../../lib/volcengine/transport.ts';
import type { Container } from './container.ts';
import { dynamoDbIo } from './dynamodb-io.ts';
import type { Environment } from './environment.ts';
import { eventBridgeIo } from './simulated-eventbridge.ts';
import { sqsIo } from './simulated-sqs.ts';
import { networkFailure } from './volcengine-answers.ts';
import type { Exchange } from './wire.ts';

/** All that the SDK can throw, once it has given up, but for what a service answers on purpose. */
class ServiceUnavailable extends Error {
  override name = 'ServiceUnavailable';
}

/** Three requests of three seconds each. */
const SDK_TIMEOUT_MS = 9_000;
/** The maximumConcurrency of the work queue's event source, as in serverless.yml. */
export const WORKERS = 2;
/** As in lib/aws/secret-reader.ts. */
const SECRET_KEPT_MS = 300_000;
const HOST = 'open.volcengineapi.com';

export const SDK = {
  timeoutMs: SDK_TIMEOUT_MS,
  latestArrivalMs: 2 * SDK_TIMEOUT_MS,
  lost: () => {
    throw new ServiceUnavailable();
  },
};

/**
 * All that the code in a container has of the outside. Code of another version is given the same: what is renamed here,
 * test/fixtures/released/<version>.functions.mjs translates.
 */
export type Outside = ReturnType<typeof outsideOf>;

/**
 * The simulated wires of one container. A client is of the SDK's class, so that it is of its type, but nothing of
 * the SDK's machinery is built, which takes longer than a schedule.
 */
export function outsideOf(container: Container, environment: Environment) {
  const { random, faults, dynamodb, sqs, eventbridge, accounts, policy, refusals, isShipped, isAnyDue } =
    environment;
  const dynamoDbClient: DynamoDBClient = clientOf(
    DynamoDBClient.prototype,
    container,
    environment,
    (command) => {
      const { caller } = container;
      const apply = () => {
        try {
          return dynamodb.execute(command, caller);
        } catch (error) {
          if (error instanceof ThrottlingException) container.faults += 1;
          throw error;
        }
      };
      const isHeldUp = dynamodb.isHeldUp(command);
      return { ...SDK, ...dynamoDbIo(command), service: 'dynamodb', apply, isHeldUp };
    },
  );
  const sqsClient: SQSClient = clientOf(SQSClient.prototype, container, environment, (command) => ({
    ...SDK,
    ...sqsIo(command),
    service: 'sqs',
    apply: () => sqs.execute(command),
  }));
  const eventBridgeClient: EventBridgeClient = clientOf(
    EventBridgeClient.prototype,
    container,
    environment,
    (command) => ({
      ...SDK,
      kind: eventBridgeIo(command),
      about: '',
      service: 'eventbridge',
      apply: () => eventbridge.execute(command),
    }),
  );
  return {
    dynamoDbClient,
    sqsClient,
    eventBridgeClient,
    transport: byIds(container, environment),
    finderTransport: byFilter(container, environment),
    credentials: credentialsOf(container, environment),
    accounts: accounts.configured(),
    policy,
    workers: WORKERS,
    now: container.now,
    sleep: container.sleep,
    random: random.next,
    hex: (digits: number) => random.hex(digits),
    metrics: {
      count(name: string, value = 1) {
        if (name === 'RefusedMessages') refusals.counted(value);
      },
    },
    /** Whether the poller would find nothing: its ticks that find nothing are left out, but for faults in them. */
    isQuiet: (period: DuePeriod) => (isShipped || !faults.isOn) && !isAnyDue(period),
    /** What it throws next is no fault of its own. */
    excuse: () => {
      container.faults += 1;
    },
  };
}

export function clientOf<Client>(
  prototype: object,
  container: Container,
  { wire }: Environment,
  exchangeOf: (command: unknown) => Exchange<unknown>,
): Client {
  return Object.assign(Object.create(prototype), {
    send: (command: unknown) => wire.exchange(container, exchangeOf(command)),
  });
}

/** ActiveFlowLog, and DescribeFlowLogs by ids. */
function byIds(container: Container, environment: Environment): Transport {
  const { watch } = environment;
  return transportOf(container, environment, (request, exchange) => {
    const kind = request.path.includes('Action=ActiveFlowLog') ? 'ActiveFlowLog' : 'DescribeFlowLogs';
    const about = /FlowLogId(?:s\.1)?=([^&]*)/.exec(request.path)?.[1] ?? '';
    const { caller } = container;
    const answer = exchange({ kind, about });
    if (kind === 'ActiveFlowLog') return watch.calling(about, caller, answer);
    if (caller.name.startsWith('poller')) void noteHeard(environment, request.path, answer);
    return answer;
  });
}

function byFilter(container: Container, environment: Environment): Transport {
  return transportOf(container, environment, (_request, exchange) =>
    exchange({ kind: 'find flow logs', about: '' }),
  );
}

type Answer = Awaited<ReturnType<Transport['get']>>;
type ExchangeAs = (what: Pick<Exchange<Answer>, 'kind' | 'about'>) => Promise<Answer>;

function transportOf(
  container: Container,
  { wire, random, accounts, volcengine, policy }: Environment,
  get: (request: SignedGet, exchange: ExchangeAs) => Promise<Answer>,
): Transport {
  return {
    host: HOST,
    close: async () => {},
    get: (request) => {
      const { caller } = container;
      return get(request, (what) =>
        wire.exchange(container, {
          ...what,
          service: 'volcengine',
          apply: () => accounts.answer(request, (own) => volcengine.answer(own, caller)),
          lost: () => networkFailure(random),
          timeoutMs: policy.callTimeoutMs,
          // What it begins after the client has given up is not modelled: a lease cannot guard against that.
          latestArrivalMs: policy.callTimeoutMs - 1,
        }),
      );
    },
  };
}

async function noteHeard({ rightEnds, volcengine }: Environment, path: string, answer: Promise<object>) {
  const ids = [...new URLSearchParams(path).values()];
  await answer.then(
    (answered) => rightEnds.heard(ids, volcengine.tellingOf(answered)),
    () => {},
  );
}

/**
 * A secret that each container keeps for as long as they do in truth, or until it is told to read it again. Readings
 * that find the same are left out.
 */
function credentialsOf(container: Container, { wire, accounts, time }: Environment) {
  const configured = accounts.configured();
  const known = new Map<string, { accessKeyId: string; readAt: number }>();
  const keptOf = (account: string) => {
    const kept = known.get(account);
    if (kept === undefined || time.now - kept.readAt <= SECRET_KEPT_MS) return kept?.accessKeyId;
    kept.readAt = time.now;
    return kept.accessKeyId === accounts.keyOf(account) ? kept.accessKeyId : undefined;
  };
  return async (account: string, options?: { refresh: boolean }) => {
    if (!configured.has(account)) throw new Error(`no credentials are configured for account ${account}`);
    const kept = options?.refresh ? undefined : keptOf(account);
    if (kept !== undefined) return credentialsFor(kept);
    const accessKeyId = await wire.exchange(container, {
      ...SDK,
      service: 'credentials',
      kind: 'read credentials',
      about: '',
      apply: () => accounts.keyOf(account),
    });
    known.set(account, { accessKeyId, readAt: time.now });
    return credentialsFor(accessKeyId);
  };
}

function credentialsFor(accessKeyId: string) {
  return { accessKeyId, secretAccessKey: 'simulated-secret-key' };
}
