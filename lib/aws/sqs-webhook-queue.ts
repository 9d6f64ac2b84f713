import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Log } from '../activation/model/ports.ts';
import { WebhookNotQueued } from '../webhooks/outbound/errors.ts';
import type { WebhookQueue } from '../webhooks/outbound/ports.ts';
import { refusalFields } from './send-isolated.ts';
import { delaySeconds, sendInBatches, sendPoison } from './sqs-send.ts';

export type WebhookQueueUrls = { queue: string; deadLetters: string; poison: string };

/**
 * Groups deliveries by endpoint. This makes the standard queue a fair queue: the messages of a slow endpoint do not
 * delay those of others (Amazon SQS Developer Guide, "Amazon SQS fair queues").
 */
export function createSqsWebhookQueue(client: SQSClient, urls: WebhookQueueUrls, log: Log): WebhookQueue {
  return {
    async send(deliveries) {
      const messages = deliveries.map(({ delivery, delayMs }, index) => ({
        id: String(index),
        body: JSON.stringify(delivery),
        delaySeconds: delaySeconds(delayMs),
        group: delivery.endpoint,
      }));
      const outcome = await sendInBatches(client, urls.queue, messages);
      const failed = deliveries.length - outcome.stored.size;
      if (failed > 0) {
        log.warn('deliveries could not be queued', { deliveries: failed, ...refusalFields(outcome) });
        throw new WebhookNotQueued(`${failed} of ${deliveries.length} deliveries`);
      }
    },

    async sendToDeadLetterQueue(deadLetter) {
      const { endpoint, reason, event } = deadLetter;
      const attributes = { endpoint, reason, eventType: event.type };
      const message = { id: 'deadLetter', body: JSON.stringify(deadLetter), attributes };
      const outcome = await sendInBatches(client, urls.deadLetters, [message]);
      if (outcome.stored.size === 0) {
        log.warn('a dead letter could not be queued', {
          endpoint,
          eventId: deadLetter.eventId,
          ...refusalFields(outcome),
        });
        throw new WebhookNotQueued('a dead letter');
      }
    },

    async poison(body, reason) {
      await sendPoison(client, urls.poison, { body, reason });
    },
  };
}
