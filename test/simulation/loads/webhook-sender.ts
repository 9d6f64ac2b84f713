import { SQSClient } from '@aws-sdk/client-sqs';
import type { PostOutcome } from '../../../lib/webhooks/outbound/ports.ts';
import type { Container } from '../../support/virtual/container.ts';
import type { Endpoints } from '../../support/virtual/container-deps.ts';
import { ContainerPool } from '../../support/virtual/container-pool.ts';
import { deployedMapping } from '../../support/virtual/deployed.ts';
import { connect } from '../../support/virtual/event-source.ts';
import { clientOf } from '../../support/virtual/outside.ts';
import type { Message } from '../../support/virtual/simulated-queue.ts';
import type { SimulatedSqs } from '../../support/virtual/simulated-sqs.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { ioOf } from '../io.ts';
import { type Receiver, WEBHOOK_SECRET } from './receivers.ts';

/** Fewer than are deployed: one that is slow leaves others waiting. */
const CONCURRENCY = 2;
const ATTEMPT_TIMEOUT_MS = 10_000;

/** The function behind the webhook queue, as many at once as its event source allows. */
export function createWebhookSender(
  environment: Environment,
  deployment: Deployment,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): void {
  const { time } = environment;
  const pool = new ContainerPool<Message[], string[]>(environment, {
    name: 'sender',
    build: (functions, container) => functions.sender(endpointsOf(container, environment, queue, receivers)),
  });
  deployment.add(pool);
  connect(queue.work, pool, { ...deployedMapping('send-webhooks'), maximumConcurrency: CONCURRENCY }, time);
}

function endpointsOf(
  container: Container,
  environment: Environment,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): Endpoints {
  const { wire } = environment;
  const client: SQSClient = clientOf(
    SQSClient,
    container,
    {
      exchange(_container, exchange) {
        const isEnqueue = ioOf('sqs', exchange.asked).kind === 'enqueue';
        const kind = isEnqueue ? 'send deliveries' : 'send dead letter of a delivery';
        return wire.exchange(container, { ...exchange, kind, about: '' });
      },
    },
    'sqs',
    (command) => () => queue.execute(command),
  );
  return {
    client,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    receivers: receivers.map((receiver) => ({
      name: receiver.name,
      types: receiver.types,
      secret: WEBHOOK_SECRET,
      post: (request) =>
        wire.exchange(container, {
          service: 'webhook',
          asked: receiver.name,
          apply: () => receiver.receive(request),
          lost: (): PostOutcome => ({
            kind: 'no-response',
            code: 'ConnectionReset',
            message: 'lost by the simulation',
          }),
          timeoutMs: ATTEMPT_TIMEOUT_MS,
          latestArrivalMs: ATTEMPT_TIMEOUT_MS,
        }),
    })),
  };
}
