import { EVENT_SOURCE } from '../../events/cloud-event.ts';
import {
  DEAD_LETTER,
  eventMessage,
  type Message,
  SCHEDULED_BATCH,
  WEBHOOK_DEAD_LETTER,
  webhookMessage,
} from './asyncapi-messages.ts';
import { eventContracts } from './event-contracts.ts';

type QueueBinding = { name: string; fifoQueue: boolean; messageRetentionPeriod: number };

export type Channel = {
  server: string;
  title: string;
  /** Null if only the deployed stack knows it. */
  address: string | null;
  description: string;
  parameters?: object;
  bindings?: { sqs: { queue: QueueBinding; bindingVersion: string } };
  messages: Message[];
};

/** Every channel except the HTTP API. */
export function channelsByName(): Record<string, Channel> {
  const events = eventContracts();
  return {
    eventBus: {
      server: 'eventbridge',
      title: 'The event bus',
      address: 'flow-log-activator-{stage}',
      description:
        "The name of the bus; also the stack's output `EventBusName`. Subscribe with a rule on `source` " +
        '`flow-log-activator` and the `detail-type` of a message.',
      parameters: { stage: { default: 'dev', description: 'The stage that was deployed.' } },
      messages: events.map((event) => ({
        ...eventMessage(event),
        'x-eventbridge': { source: EVENT_SOURCE, 'detail-type': event.type },
      })),
    },
    webhookEndpoints: {
      server: 'endpoint',
      title: 'Webhook endpoints',
      address: null,
      description:
        'The URL of each configured endpoint. It receives the types that its configuration names, or all types.',
      messages: events.map(webhookMessage),
    },
    deadLetterQueue: {
      ...queue('DeadLetterQueue', 'Dead letters', 'One message for each failed activation.'),
      messages: [DEAD_LETTER],
    },
    activationQueue: {
      ...queue(
        'ActivationQueue',
        'The work queue',
        'Moving a dead letter back to this queue redrives its activation.',
      ),
      messages: [DEAD_LETTER],
    },
    webhookDeadLetterQueue: {
      ...queue(
        'WebhookDeadLetterQueue',
        'Dead webhooks',
        'Webhooks that an endpoint did not accept within a day.',
      ),
      messages: [WEBHOOK_DEAD_LETTER],
    },
    webhookQueue: {
      ...queue(
        'WebhookQueue',
        'The webhook queue',
        'Moving a dead letter back to this queue delivers its event again.',
      ),
      messages: [WEBHOOK_DEAD_LETTER],
    },
    scheduledBatches: {
      server: 'lambda',
      title: 'Scheduled batches',
      address: 'flow-log-activator-{stage}-start-scheduled-batch',
      description: 'The function that an EventBridge schedule invokes. The message is its input.',
      parameters: { stage: { default: 'dev', description: 'The stage that was deployed.' } },
      messages: [SCHEDULED_BATCH],
    },
  };
}

function queue(logicalId: string, title: string, description: string) {
  return {
    server: 'sqs',
    title,
    address: null,
    description: `${description} Its URL is the stack's output \`${logicalId}Url\`; the name below is that in the template.`,
    bindings: {
      sqs: {
        queue: { name: logicalId, fifoQueue: false, messageRetentionPeriod: 1_209_600 },
        bindingVersion: '0.2.0',
      },
    },
  };
}
