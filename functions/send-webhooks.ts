import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { CLIENT_OPTIONS } from '../lib/aws/client-options.ts';
import { createSqsWebhookQueue } from '../lib/aws/sqs-webhook-queue.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { sqsBatchHandler } from '../lib/runtime/sqs-batch-handler.ts';
import { counters, log } from '../lib/runtime/telemetry.ts';
import type { DeliveryDeps } from '../lib/webhooks/outbound/deliver-webhook.ts';
import { handleMessage } from '../lib/webhooks/outbound/handle-message.ts';
import { createEndpoints, webhookEndpointSettings } from './wiring/webhook-endpoints.ts';

type SenderDeps = DeliveryDeps & { attemptTimeoutMs: number };

/** Time to send the message back to the queue after an attempt. The client tries three times. */
const SEND_MS = 10_000;

const services = lazily((): SenderDeps => {
  const settings = readSettings({
    ...webhookEndpointSettings,
    queueUrl: text('WEBHOOK_QUEUE_URL'),
    deadLetterQueueUrl: text('WEBHOOK_DEAD_LETTER_QUEUE_URL'),
    poisonQueueUrl: text('WEBHOOK_POISON_QUEUE_URL'),
  });
  const { queueUrl: queue, deadLetterQueueUrl: deadLetters, poisonQueueUrl: poison } = settings;
  return {
    endpoints: createEndpoints(settings),
    queue: createSqsWebhookQueue(new SQSClient(CLIENT_OPTIONS), { queue, deadLetters, poison }, log),
    metrics: counters,
    log,
    now: Date.now,
    random: Math.random,
    retryBaseMs: settings.retryBaseMs,
    attemptTimeoutMs: settings.attemptTimeoutMs,
  };
});

/** Throws only if another delivery can succeed. Starts an attempt only if it can end in this invocation. */
export async function handleRecord(deps: SenderDeps, record: SQSRecord, context: Context): Promise<void> {
  const spareMs = context.getRemainingTimeInMillis() - deps.attemptTimeoutMs - SEND_MS;
  await handleMessage(deps, record, deps.now() + spareMs);
}

export const handler = sqsBatchHandler(
  (record, context) => handleRecord(services(), record, context),
  'PoisonWebhooks',
);
