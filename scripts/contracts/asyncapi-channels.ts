import type { JsonSchema } from '@valibot/to-json-schema';
import { deadLetterExample } from '../../events/golden-examples.ts';
import { EVENT_SOURCE } from '../../events/cloud-event.ts';
import { deadLetterSchema } from '../../events/dead-letter.ts';
import { scheduledBatchSchema } from '../../lib/api/requests/scheduled-batch-request.ts';
import { webhookDeadLetterSchema } from '../../lib/webhooks/outbound/messages.ts';
import { type EventContract, eventContracts } from './event-contracts.ts';
import { createConverter } from './json-schema.ts';
import { pascalCase } from './problem-responses.ts';

export type Message = {
  name: string;
  title: string;
  summary?: string;
  contentType: string;
  payload: JsonSchema;
  examples: { name: string; headers?: object; payload: object }[];
  headers?: object;
  'x-eventbridge'?: { source: string; 'detail-type': string };
};

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

const { convert } = createConverter({}, '');

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
      ...queue('ActivationQueue', 'The work queue', 'Moving a dead letter back to this queue redrives its activation.'),
      messages: [DEAD_LETTER],
    },
    webhookDeadLetterQueue: {
      ...queue('WebhookDeadLetterQueue', 'Dead webhooks', 'Webhooks that an endpoint did not accept within a day.'),
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

function eventMessage({ type, schema, example }: EventContract): Message {
  return {
    name: pascalCase(type),
    title: type,
    ...(schema.description !== undefined && { summary: schema.description }),
    contentType: 'application/json',
    payload: schema,
    examples: [{ name: 'golden', payload: example }],
  };
}

function webhookMessage(event: EventContract): Message {
  const message = eventMessage(event);
  return {
    ...message,
    contentType: 'application/cloudevents+json',
    headers: {
      type: 'object',
      properties: {
        'webhook-id': {
          type: 'string',
          description: 'The same for every attempt and duplicate of an event.',
        },
        'webhook-timestamp': {
          type: 'string',
          description: 'The time of the signature, in seconds since the epoch.',
        },
        'webhook-signature': {
          type: 'string',
          description: 'Standard Webhooks: one `v1,…` for each secret of the endpoint, separated by spaces.',
        },
      },
      required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    },
    examples: message.examples.map((example) => ({
      ...example,
      headers: {
        'webhook-id': 'msg_0123456789abcdef0123456789abcdef',
        'webhook-timestamp': '1767323058',
        'webhook-signature': 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
      },
    })),
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

const DEAD_LETTER: Message = {
  name: 'DeadLetter',
  title: 'A failed activation',
  summary: '`activationId`, `reason` and `redriveHelps` are also message attributes.',
  contentType: 'application/json',
  payload: convert(deadLetterSchema),
  examples: [{ name: 'frozen', payload: deadLetterExample }],
};

const WEBHOOK_DEAD_LETTER: Message = {
  name: 'WebhookDeadLetter',
  title: 'A webhook that was not delivered',
  contentType: 'application/json',
  payload: convert(webhookDeadLetterSchema),
  examples: [
    {
      name: 'gone',
      payload: {
        endpoint: 'audit',
        eventId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef.1.completed',
        reason: 'gone',
        attempts: 1,
        firstAt: 1_767_323_058_000,
        diedAt: 1_767_323_058_412,
        lastFailure: { httpStatus: 410 },
        event: eventContracts()[1]?.example,
      },
    },
  ],
};

const SCHEDULED_BATCH: Message = {
  name: 'ScheduledBatch',
  title: 'One scheduled time',
  summary: 'If a schedule fires several times for the same time, it starts the same batches.',
  contentType: 'application/json',
  payload: convert(scheduledBatchSchema),
  examples: [
    {
      name: 'nightly',
      payload: {
        schedule: 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly',
        scheduledAt: '2026-01-02T03:00:00Z',
        selector: { project: 'network', tags: { env: ['prod', 'staging'] } },
        dryRun: false,
      },
    },
  ],
};
