import { SQSClient } from '@aws-sdk/client-sqs';
import type { PostOutcome } from '../../../lib/webhooks/outbound/ports.ts';
import type { Container } from '../container.ts';
import { ContainerPool } from '../container-pool.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { connect } from '../event-source.ts';
import { clientOf, SDK } from '../outside.ts';
import { type Message, type SimulatedSqs, sqsIo } from '../simulated-sqs.ts';
import { type Receiver, WEBHOOK_SECRET } from './receivers.ts';
import type { Endpoints } from './webhook-endpoints.ts';

/** As in serverless.yml. */
const TIMEOUT_MS = 30_000;
const CONCURRENCY = 2;
const ATTEMPT_TIMEOUT_MS = 10_000;

/** The function behind the webhook queue, as many at once as its event source allows. */
export function createWebhookSender(
  environment: Environment,
  deployment: Deployment,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): void {
  const pool = new ContainerPool<Message[], string[]>(environment, {
    name: 'sender',
    timeoutMs: TIMEOUT_MS,
    build: (functions, container) => functions.sender(endpointsOf(container, environment, queue, receivers)),
  });
  deployment.add(pool);
  connect(queue, pool, CONCURRENCY);
}

function endpointsOf(
  container: Container,
  environment: Environment,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): Endpoints {
  const client: SQSClient = clientOf(SQSClient.prototype, container, environment, (command) => ({
    ...SDK,
    service: 'sqs',
    kind: sqsIo(command).kind === 'enqueue' ? 'send deliveries' : 'send dead letter of a delivery',
    about: '',
    apply: () => queue.execute(command),
  }));
  return {
    client,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    receivers: receivers.map((receiver) => ({
      name: receiver.name,
      types: receiver.types,
      secret: WEBHOOK_SECRET,
      post: (request) =>
        environment.wire.exchange(container, {
          service: 'webhook',
          kind: 'POST webhook',
          about: receiver.name,
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
