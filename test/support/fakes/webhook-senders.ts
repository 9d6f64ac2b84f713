import { setTimeout as sleep } from 'node:timers/promises';
import { CreateEventBusCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { activationCompletedExample } from '../../../events/golden-examples.ts';
import { handleRecord } from '../../../functions/send-webhooks.ts';
import { createEndpoints, webhookEndpointSettings } from '../../../functions/wiring/webhook-endpoints.ts';
import { createSqsWebhookQueue } from '../../../lib/aws/sqs-webhook-queue.ts';
import { readSettings } from '../../../lib/config/settings.ts';
import type { Endpoint } from '../../../lib/webhooks/outbound/endpoint.ts';
import { createQueue } from '../../../local/cloud/create-queues.ts';
import { createRules } from '../../../local/cloud/create-rules.ts';
import { deliverToQueue } from '../../../local/cloud/deliver-to-queue.ts';
import { startSqs } from '../../../local/cloud/sqs-emulator.ts';
import { startEventBridge } from '../../../local/eventbridge/server.ts';
import { LOCAL_ACCESS } from '../local-access.ts';
import { context, sqsEvent } from './lambda.ts';
import { RecordingLog } from './ports.ts';
import type { Receiver } from './recording-receiver.ts';
import { RecordingDeliveryMetrics } from './webhook-queue.ts';

/** As `webhookConcurrency` and `batchSize` in serverless.yml. */
export const CONTAINERS = 5;
const BATCH_SIZE = 10;
/** For one attempt; 10 s as deployed. */
export const TIMEOUT_MS = 2_000;
/** Events in one call of PutEvents, which takes 10. */
const PER_CALL = 5;
const ARRIVAL_LIMIT_MS = 180_000;

/** How events come, and for how long an attempt may take. */
export type Pace = { atOnce: number; everyMs: number; timeoutMs: number };
const STEADY: Pace = { atOnce: 5, everyMs: 100, timeoutMs: TIMEOUT_MS };
/** Batches of twenty flow logs, one after the other, and the timeout as deployed. */
export const WAVES: Pace = { atOnce: 20, everyMs: 10_000, timeoutMs: 10_000 };

const BUS = 'flow-log-activator-dev';
const secrets = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`];

/**
 * How long each of so many events, 50 a second if `pace` is not given, took from the bus to the healthy receiver, in
 * milliseconds, while the other receivers get them too. Throws when one has not arrived three minutes after the last.
 */
export async function timesToHealthy(
  events: number,
  receivers: { healthy: Receiver } & Record<string, Receiver>,
  pace = STEADY,
): Promise<number[]> {
  const senders = await startSenders(receivers, pace);
  try {
    const putAt = await publish(senders.eventbridge, events, pace);
    const arrivedAt = await arrivals(receivers.healthy, events);
    return [...putAt].map(([id, at]) => (arrivedAt.get(id) ?? Number.NaN) - at);
  } finally {
    await senders.stop();
  }
}

/** A bus whose rule feeds a queue, and as many containers as there may be, each with endpoints of its own. */
async function startSenders(receivers: Record<string, Receiver>, { timeoutMs }: Pace) {
  const sqsEmulator = await startSqs();
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint: sqsEmulator.url });
  const bus = await startEventBridge({
    region: LOCAL_ACCESS.region,
    account: '000000000000',
    deliver: deliverToQueue(sqs),
  });
  const eventbridge = new EventBridgeClient({ ...LOCAL_ACCESS, endpoint: bus.url });
  const queue = await createQueue(sqs, 'webhooks', { VisibilityTimeout: '180' });
  await eventbridge.send(new CreateEventBusCommand({ Name: BUS }));
  await createRules({ eventbridge, sqs }, [
    {
      kind: 'pattern',
      name: 'webhooks',
      arn: 'arn:webhooks',
      enabled: true,
      busName: BUS,
      pattern: { source: ['flow-log-activator'] },
      targets: [{ id: 'webhooks', arn: queue.attributes.Arn ?? '' }],
    },
  ]);

  const settings = readSettings(webhookEndpointSettings, {
    WEBHOOK_EGRESS: 'unrestricted',
    WEBHOOK_TIMEOUT_MS: String(timeoutMs),
    WEBHOOK_ENDPOINTS: JSON.stringify(
      Object.fromEntries(Object.entries(receivers).map(([name, { url }]) => [name, { url, secrets }])),
    ),
  });
  const stopping = new AbortController();
  const containers = Array.from({ length: CONTAINERS }, () =>
    runContainer(sqs, queue.ref, { endpoints: createEndpoints(settings), timeoutMs }, stopping.signal),
  );
  return {
    eventbridge,
    async stop() {
      stopping.abort();
      await Promise.all(containers);
      eventbridge.destroy();
      sqs.destroy();
      await Promise.all([bus.close(), sqsEmulator.close()]);
    },
  };
}

/** As Lambda: a batch at a time, each record handled concurrently, and deleted unless it failed. */
async function runContainer(
  sqs: SQSClient,
  QueueUrl: string,
  { endpoints, timeoutMs }: { endpoints: ReadonlyMap<string, Endpoint>; timeoutMs: number },
  signal: AbortSignal,
): Promise<void> {
  const log = new RecordingLog();
  const deps = {
    endpoints,
    queue: createSqsWebhookQueue(sqs, { queue: QueueUrl, deadLetters: 'none', poison: 'none' }, log),
    metrics: new RecordingDeliveryMetrics(),
    log,
    now: Date.now,
    random: Math.random,
    retryBaseMs: 2_000,
    attemptTimeoutMs: timeoutMs,
  };
  while (!signal.aborted) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH_SIZE, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) continue;
    const { Records } = sqsEvent(Messages.map(({ Body = '' }) => Body));
    await Promise.all(Records.map((record) => handleRecord(deps, record, context())));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Puts the events on the bus; answers when each was put, by its id. */
async function publish(
  eventbridge: EventBridgeClient,
  count: number,
  { atOnce, everyMs }: Pace,
): Promise<Map<string, number>> {
  const putAt = new Map<string, number>();
  for (let first = 0; first < count; first += PER_CALL) {
    if (first > 0 && first % atOnce === 0) await sleep(everyMs);
    const events = Array.from({ length: Math.min(PER_CALL, count - first) }, (_, index) => ({
      ...activationCompletedExample,
      id: `event-${first + index}`,
    }));
    for (const { id } of events) putAt.set(id, Date.now());
    const Entries = events.map((event) => ({
      EventBusName: BUS,
      Source: event.source,
      DetailType: event.type,
      Detail: JSON.stringify(event),
    }));
    const { FailedEntryCount } = await eventbridge.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount !== 0) throw new Error(`${FailedEntryCount} events were not put`);
  }
  return putAt;
}

/** When each event arrived first, by its id, once all have. */
async function arrivals({ received }: Receiver, count: number): Promise<Map<string, number>> {
  const giveUpAt = Date.now() + ARRIVAL_LIMIT_MS;
  for (;;) {
    const arrivedAt = new Map(received.toReversed().map(({ eventId, at }) => [eventId, at]));
    if (arrivedAt.size === count) return arrivedAt;
    if (Date.now() > giveUpAt) throw new Error(`${arrivedAt.size} of ${count} events arrived`);
    await sleep(50);
  }
}
