import { DynamoDBClient, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { Policy } from '../../../lib/activation/model/policy.ts';
import type { DuePeriod, Log } from '../../../lib/activation/model/ports.ts';
import type { ActionCallerOptions } from '../../../lib/volcengine/call-action.ts';
import type { SignedGet } from '../../../lib/volcengine/sign.ts';
import type { Transport } from '../../../lib/volcengine/transport.ts';
import { context } from '../fakes/lambda.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Caller, Container } from './container.ts';
import { TABLE_NAME } from './deployed.ts';
import { networkFailure } from './volcengine-answers.ts';

/** One request of a container to a service. */
export type Exchange<Answer> = {
  service: 'dynamodb' | 'sqs' | 'eventbridge' | 'credentials' | 'volcengine' | 'webhook';
  /** A command of the SDK, or a request to Volcengine. */
  asked: unknown;
  /** What the server does when the request has arrived; throws what it refuses with. */
  apply: () => Answer;
  /** What the client makes of a request or an answer that was lost; throws where the client does. */
  lost: () => Answer;
  timeoutMs: number;
  /** What is slow arrives at the latest after this, even when its sender has given up. */
  latestArrivalMs: number;
};

/** Between containers and services: it says how long an exchange takes, and whether it is lost. */
export type Wire = { exchange<Answer>(container: Container, exchange: Exchange<Answer>): Promise<Answer> };

/** All that can throw in the SDK, once it has given up, but for what a service answers on purpose. */
class ServiceUnavailable extends Error {
  override name = 'ServiceUnavailable';
}

/** Three requests of three seconds each. */
const SDK_TIMEOUT_MS = 9_000;
export const SDK = {
  timeoutMs: SDK_TIMEOUT_MS,
  latestArrivalMs: 2 * SDK_TIMEOUT_MS,
  lost: () => {
    throw new ServiceUnavailable();
  },
};
/** No log line is longer or shorter for which invocation wrote it. */
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';
const HOST = 'open.volcengineapi.com';

type VolcengineAnswer = Awaited<ReturnType<Transport['get']>>;

/** What is around the containers. */
export type Surroundings = {
  random: SeededRandom;
  policy: Policy;
  wire: Wire;
  dynamodb: { execute(command: unknown, caller: Caller): unknown };
  sqs: { execute(command: unknown): unknown };
  eventbridge: { execute(command: unknown): unknown };
  /** Volcengine. */
  answer(request: SignedGet, caller: Caller): VolcengineAnswer;
  /** A request is sent to Volcengine, whatever for. */
  sending?(request: SignedGet, caller: Caller): void;
  /** Follows a call of ActiveFlowLog, or of DescribeFlowLogs by ids. */
  follow?(request: SignedGet, caller: Caller, answer: Promise<VolcengineAnswer>): Promise<VolcengineAnswer>;
  credentialsOf(container: Container): ActionCallerOptions['credentials'];
  /** Those that a container that starts now knows. */
  configuredAccounts(): ReadonlyMap<string, undefined>;
  /** As many of them as `maximumConcurrency` allows at once. */
  workers: number;
  log: Log;
  metrics: { count(name: string, value?: number): void };
  /** A tick of the poller begins. True: it would find nothing, and is left out. */
  skipsTick(period: DuePeriod, container: Container): boolean;
  /** Nothing is deactivated without. */
  allowsDeactivation?: boolean;
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
export function outsideOf(container: Container, surroundings: Surroundings, functionName: string) {
  const { random, wire, dynamodb, sqs, eventbridge, policy, workers, log, metrics } = surroundings;
  const toTable = (command: unknown) => {
    const { caller } = container;
    return () => {
      try {
        return dynamodb.execute(command, caller);
      } catch (error) {
        if (error instanceof ThrottlingException) container.faults += 1;
        throw error;
      }
    };
  };
  const to = (service: { execute(command: unknown): unknown }) => (command: unknown) => () =>
    service.execute(command);
  const dynamoDbClient: DynamoDBClient = clientOf(DynamoDBClient, container, wire, 'dynamodb', toTable);
  const sqsClient: SQSClient = clientOf(SQSClient, container, wire, 'sqs', to(sqs));
  const eventBridgeClient: EventBridgeClient = clientOf(
    EventBridgeClient,
    container,
    wire,
    'eventbridge',
    to(eventbridge),
  );
  const finderTransport = transportOf(container, surroundings);
  const {
    follow = (_request, _caller, answer) => answer,
    allowsDeactivation = false,
  }: Partial<Surroundings> = surroundings;
  return {
    tableName: TABLE_NAME,
    allowsDeactivation,
    /** Of an invocation. */
    lambda: (getRemainingTimeInMillis: () => number): Context => ({
      ...context(),
      functionName,
      awsRequestId: REQUEST_ID,
      getRemainingTimeInMillis,
    }),
    dynamoDbClient,
    sqsClient,
    eventBridgeClient,
    transport: {
      ...finderTransport,
      get: (request: SignedGet) => follow(request, container.caller, finderTransport.get(request)),
    },
    finderTransport,
    credentials: surroundings.credentialsOf(container),
    accounts: surroundings.configuredAccounts(),
    policy,
    workers,
    now: container.now,
    sleep: container.sleep,
    random: random.next,
    hex: (digits: number) => random.hex(digits),
    log,
    metrics,
    isQuiet: (period: DuePeriod) => surroundings.skipsTick(period, container),
    /** What it throws next is no fault of its own. */
    excuse: () => {
      container.faults += 1;
    },
  };
}

export function clientOf<Client>(
  { prototype }: { prototype: object },
  container: Container,
  wire: Wire,
  service: Exchange<unknown>['service'],
  applyOf: (command: unknown) => () => unknown,
): Client {
  const send = (asked: unknown) =>
    wire.exchange(container, { ...SDK, service, asked, apply: applyOf(asked) });
  return Object.assign(Object.create(prototype), { send });
}

function transportOf(
  container: Container,
  { wire, random, policy, answer, sending }: Surroundings,
): Transport {
  return {
    host: HOST,
    close: async () => {},
    postForm: () => Promise.reject(new Error('no account here assumes a role by a token')),
    get: (request) => {
      const { caller } = container;
      sending?.(request, caller);
      return wire.exchange(container, {
        service: 'volcengine',
        asked: request,
        apply: () => answer(request, caller),
        lost: () => networkFailure(random),
        timeoutMs: policy.callTimeoutMs,
        // What it begins after the client has given up is not modelled: a lease cannot guard against that.
        latestArrivalMs: policy.callTimeoutMs - 1,
      });
    },
  };
}
