import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateEventBusCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { activationCompletedExample } from '../../events/activation-completed-v1.ts';
import { createEndpoints, webhookEndpointSettings } from '../../functions/compose/webhook-endpoints.ts';
import { handleRecord } from '../../functions/send-webhooks.ts';
import { createSqsWebhookQueue } from '../../lib/aws/sqs-webhook-queue.ts';
import { readSettings } from '../../lib/runtime/configuration.ts';
import type { Endpoint } from '../../lib/webhook-delivery/endpoint.ts';
import { createQueue } from '../../local/cloud/create-queues.ts';
import { createRules } from '../../local/cloud/create-rules.ts';
import { deliverToQueue } from '../../local/cloud/deliver-to-queue.ts';
import { startSqs } from '../../local/cloud/sqs-emulator.ts';
import { startEventBridge } from '../../local/eventbridge/server.ts';
import { context, sqsEvent } from '../fakes/lambda.ts';
import { RecordingLog } from '../fakes/ports.ts';
import { type Receiver, startReceiver } from '../fakes/recording-receiver.ts';
import { RecordingDeliveryMetrics } from '../fakes/webhook-queue.ts';

const EVENTS = 200;
const AT_ONCE = 5;
const EVERY_MS = 100;
const TIMEOUT_MS = 2_000;
const SLOW_MS = 1_500;
/** As `webhookConcurrency` and `batchSize` in serverless.yml. */
const CONTAINERS = 5;
const BATCH_SIZE = 10;
/**
 * Attempts that a container loses to an endpoint before it leaves it alone (the fifth failure in a row, and three that
 * are under way by then: functions/compose/webhook-endpoints.ts), and a few probes.
 */
const LOST = 8 + 4;

const BUS = 'flow-log-activator-dev';
const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const secrets = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`];

/** A bus whose rule feeds a queue, and as many containers as there may be, each with endpoints of its own. */
async function startSenders(receivers: Record<string, Receiver>) {
  const sqsEmulator = await startSqs();
  const sqs = new SQSClient({ ...AWS, endpoint: sqsEmulator.url });
  const bus = await startEventBridge({
    region: AWS.region,
    account: '000000000000',
    deliver: deliverToQueue(sqs),
  });
  const eventbridge = new EventBridgeClient({ ...AWS, endpoint: bus.url });
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
    WEBHOOK_TIMEOUT_MS: String(TIMEOUT_MS),
    WEBHOOK_ENDPOINTS: JSON.stringify(
      Object.fromEntries(Object.entries(receivers).map(([name, { url }]) => [name, { url, secrets }])),
    ),
  });
  const stopping = new AbortController();
  const containers = Array.from({ length: CONTAINERS }, () =>
    runContainer(sqs, queue.ref, createEndpoints(settings), stopping.signal),
  );
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    stopping.abort();
    await Promise.all(containers);
    eventbridge.destroy();
    sqs.destroy();
    await Promise.all([bus.close(), sqsEmulator.close()]);
  };
  const stopOnce = () => {
    stopped ??= stop();
    return stopped;
  };
  onTestFinished(stopOnce);
  return { eventbridge, stop: stopOnce };
}

/** As Lambda: a batch at a time, each record handled concurrently, and deleted unless it failed. */
async function runContainer(
  sqs: SQSClient,
  QueueUrl: string,
  endpoints: ReadonlyMap<string, Endpoint>,
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
    attemptTimeoutMs: TIMEOUT_MS,
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

/** Puts the events on the bus, steadily; answers when each was put, by its id. */
async function publish(eventbridge: EventBridgeClient): Promise<Map<string, number>> {
  const putAt = new Map<string, number>();
  for (let first = 0; first < EVENTS; first += AT_ONCE) {
    const events = Array.from({ length: AT_ONCE }, (_, index) => ({
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
    expect(FailedEntryCount).toBe(0);
    await sleep(EVERY_MS);
  }
  return putAt;
}

/** How long each event took from the bus to the healthy receiver, in milliseconds, ascending. */
async function measure(receivers: { healthy: Receiver } & Record<string, Receiver>): Promise<number[]> {
  const { received } = receivers.healthy;
  const { eventbridge, stop } = await startSenders(receivers);
  const putAt = await publish(eventbridge);
  const arrived = () => new Map(received.toReversed().map(({ eventId, at }) => [eventId, at]));
  await expect.poll(() => arrived().size, { timeout: 60_000 }).toBe(EVENTS);
  const arrivedAt = arrived();
  await stop();
  return [...putAt].map(([id, at]) => (arrivedAt.get(id) ?? Number.NaN) - at).sort((a, b) => a - b);
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function describeTimes(name: string, sorted: number[]): string {
  const quantiles = [0, 0.5, 0.9, 0.99, 1].map((share) => `${quantile(sorted, share)}`.padStart(6));
  return `${name.padEnd(52)} min, p50, p90, p99, max in ms: ${quantiles.join(' ')}`;
}

/** What a receiver may do to those who wait for it, by what it does. */
const SPOILERS: Record<string, (response: ServerResponse) => void> = {
  hangs: () => {},
  fails: (response) => void response.writeHead(500).end(),
  'answers 200 and withholds its body': (response) => {
    response.writeHead(200, { 'content-length': 99 }).flushHeaders();
  },
  'answers 500 and withholds its body': (response) => {
    response.writeHead(500, { 'content-length': 99 }).flushHeaders();
  },
  'answers after 1.5 s': (response) => {
    const timer = setTimeout(() => response.writeHead(200).end(), SLOW_MS);
    response.on('close', () => clearTimeout(timer));
  },
  'sends a header every while': (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => response.socket?.write('x: y\r\n'), 100);
    response.on('close', () => clearInterval(timer));
  },
};

/** Prints what it measured with `--reporter=default --silent=false`. */
test('no endpoint delays another, whatever it does', { timeout: 300_000 }, async () => {
  const alone = await measure({ healthy: await startReceiver() });
  const among = await measure({ second: await startReceiver(), healthy: await startReceiver() });
  const beside = new Map<string, { times: number[]; attempts: number }>();
  for (const [name, respond] of Object.entries(SPOILERS)) {
    const spoiler = await startReceiver(respond);
    const times = await measure({ spoiler, healthy: await startReceiver() });
    beside.set(name, { times, attempts: spoiler.received.length });
  }
  console.log(
    [
      `${EVENTS} events to a healthy endpoint`,
      describeTimes('alone', alone),
      describeTimes('beside one that is well', among),
      ...[...beside].map(
        ([name, { times, attempts }]) =>
          `${describeTimes(`beside one that ${name}`, times)}, after ${attempts} attempts there`,
      ),
    ].join('\n'),
  );

  for (const [name, { times, attempts }] of beside) {
    // What is settled by its status costs nobody anything, and is delivered.
    const isSettled = name.startsWith('answers 200');
    expect(attempts, name).toBeGreaterThan(0);
    // Without the gates it would be every event, again and again.
    if (!isSettled) expect(attempts, name).toBeLessThanOrEqual(CONTAINERS * LOST);
    // What an attempt may take is lost once, when a container first meets the one that hangs. The rest is for a machine
    // that is busy with other things, more at one time than at another.
    expect(quantile(times, 0.5), name).toBeLessThanOrEqual(2 * TIMEOUT_MS + 3 * quantile(among, 0.5));
    expect(quantile(times, 1), name).toBeLessThanOrEqual(2 * TIMEOUT_MS + 3 * quantile(among, 1));
  }
});
