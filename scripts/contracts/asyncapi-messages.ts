import type { JsonSchema } from '@valibot/to-json-schema';
import { deadLetterSchema } from '../../events/dead-letter.ts';
import { deadLetterExample } from '../../events/golden-examples.ts';
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

const { convert } = createConverter({}, '');

export function eventMessage({ type, schema, example }: EventContract): Message {
  return {
    name: pascalCase(type),
    title: type,
    ...(schema.description !== undefined && { summary: schema.description }),
    contentType: 'application/json',
    payload: schema,
    examples: [{ name: 'golden', payload: example }],
  };
}

export function webhookMessage(event: EventContract): Message {
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

export const DEAD_LETTER: Message = {
  name: 'DeadLetter',
  title: 'A failed activation',
  summary: '`activationId`, `reason` and `redriveHelps` are also message attributes.',
  contentType: 'application/json',
  payload: convert(deadLetterSchema),
  examples: [{ name: 'frozen', payload: deadLetterExample }],
};

export const WEBHOOK_DEAD_LETTER: Message = {
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

export const SCHEDULED_BATCH: Message = {
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
