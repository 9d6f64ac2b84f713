import { SQSClient } from '@aws-sdk/client-sqs';
import { handleRecord } from '../../../functions/send-webhooks.ts';
import { createSqsWebhookQueue } from '../../../lib/aws/sqs-webhook-queue.ts';
import { sqsStack } from '../../../lib/runtime/sqs-stack.ts';
import { createEndpointGate } from '../../../lib/webhook-delivery/endpoint-gate.ts';
import type { PostOutcome, WebhookRequest } from '../../../lib/webhook-delivery/ports.ts';
import { createSigningKeys } from '../../../lib/webhook-delivery/signing-keys.ts';
import { context, sqsEvent } from '../../fakes/lambda.ts';
import type { Container } from '../container.ts';
import { adaptersOf, SDK } from '../container-deps.ts';
import { ContainerPool, type Invoke } from '../container-pool.ts';
import type { Deployment } from '../deployment.ts';
import {
  DEAD_LETTER_QUEUE,
  type Message,
  POISON_QUEUE,
  type SimulatedSqs,
  sqsIo,
  WORK_QUEUE,
} from '../simulated-sqs.ts';
import type { World } from '../world.ts';
import { type Receiver, WEBHOOK_SECRET } from './receivers.ts';

/** As in serverless.yml. */
const TIMEOUT_MS = 30_000;
const CONCURRENCY = 2;
const ATTEMPT_TIMEOUT_MS = 10_000;
const RETRY_BASE_MS = 2_000;
/** As in functions/compose. */
const GATE = { places: 4, slowMs: 1_000, failuresUntilDown: 5, pauseMs: 10_000, pauseCapMs: 60_000 };

/** The function behind the webhook queue, as many at once as its event source allows. */
export function createWebhookSender(
  world: World,
  deployment: Deployment,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): void {
  const pool = new ContainerPool<Message[], string[]>(world, {
    name: 'sender',
    timeoutMs: TIMEOUT_MS,
    build: (container) => buildSender(container, world, queue, receivers),
  });
  deployment.add(pool);
  let senders = 0;
  const deliver = async (): Promise<void> => {
    if (senders >= CONCURRENCY) return;
    const messages = queue.receive();
    if (messages.length === 0) return;
    senders += 1;
    const kept = await pool.invoke(messages);
    senders -= 1;
    for (const { messageId } of messages) {
      if (kept && !kept.includes(messageId)) queue.delete(messageId);
    }
    await deliver();
  };
  queue.onVisible = () => void deliver();
}

function buildSender(
  container: Container,
  world: World,
  queue: SimulatedSqs,
  receivers: readonly Receiver[],
): Invoke<Message[], string[]> {
  const { wire, random } = world;
  const { now, log } = adaptersOf(container, world);
  const client: SQSClient = Object.assign(Object.create(SQSClient.prototype), {
    send: (command: unknown) =>
      wire.exchange(container, {
        ...SDK,
        service: 'sqs',
        kind: sqsIo(command).kind === 'ring' ? 'send deliveries' : 'bury delivery',
        about: '',
        apply: () => queue.execute(command),
      }),
  });
  const endpoints = receivers.map((receiver) => ({
    name: receiver.name,
    types: receiver.types,
    signingKeys: createSigningKeys([WEBHOOK_SECRET], async () => []),
    gate: createEndpointGate({ ...GATE, now, random: random.next }),
    post: (request: WebhookRequest) =>
      wire.exchange(container, {
        service: 'webhook',
        kind: 'POST webhook',
        about: receiver.name,
        apply: () => receiver.receive(request),
        lost: (): PostOutcome => ({
          kind: 'no-answer',
          code: 'ConnectionReset',
          message: 'lost by the simulation',
        }),
        timeoutMs: ATTEMPT_TIMEOUT_MS,
        latestArrivalMs: ATTEMPT_TIMEOUT_MS,
      }),
  }));
  const deps = {
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])),
    queue: createSqsWebhookQueue(
      client,
      { queue: WORK_QUEUE, deadLetters: DEAD_LETTER_QUEUE, poison: POISON_QUEUE },
      log,
    ),
    metrics: { count() {} },
    log,
    now,
    random: random.next,
    retryBaseMs: RETRY_BASE_MS,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
  };
  let getRemainingTimeInMillis = () => 0;
  const handler = sqsStack((record) =>
    handleRecord(deps, record, { ...context(), getRemainingTimeInMillis: () => getRemainingTimeInMillis() }),
  );
  return async (messages, remainingMs) => {
    getRemainingTimeInMillis = remainingMs;
    const event = sqsEvent(messages.map(({ body }) => body));
    for (const [index, { messageId }] of messages.entries()) {
      Object.assign(event.Records[index] ?? {}, { messageId });
    }
    const { batchItemFailures } = await handler(event, context());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
}
