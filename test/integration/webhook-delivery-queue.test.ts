import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { activationCompletedExample } from '../../events/golden-examples.ts';
import { createSqsWebhookQueue } from '../../lib/aws/sqs-webhook-queue.ts';
import { type Delivery, readMessage, type WebhookDeadLetter } from '../../lib/webhooks/outbound/messages.ts';
import type { WebhookQueue } from '../../lib/webhooks/outbound/ports.ts';
import { createQueue } from '../../local/cloud/create-queues.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { RecordingLog } from '../support/fakes/ports.ts';
import { RecordingWebhookQueue } from '../support/fakes/webhook-queue.ts';
import { receiveAll, startQueues } from './start-queues.ts';

type Stored = { deliveries: unknown[]; deadLetters: unknown[]; poison: string[] };
type Subject = {
  queue: WebhookQueue;
  /** All that is there and may be received now. */
  stored(): Promise<Stored>;
  breakDown(): Promise<void>;
};

const endWith = endAfterAll();

async function inMemory(): Promise<Subject> {
  const queue = new RecordingWebhookQueue();
  return {
    queue,
    stored: async () => ({
      deliveries: queue.sent.filter(({ delayMs }) => delayMs === 0).map(({ delivery }) => delivery),
      deadLetters: queue.deadLetters,
      poison: queue.poisoned.map(({ body }) => body),
    }),
    async breakDown() {
      queue.broken = true;
    },
  };
}

async function onSqs(): Promise<Subject & { client: SQSClient; urls: string[]; log: RecordingLog }> {
  const { emulator, client } = await startQueues(endWith);
  const urls: string[] = [];
  for (const name of ['webhooks', 'deadLetters', 'poison']) urls.push((await createQueue(client, name)).ref);
  const [queue = '', deadLetters = '', poison = ''] = urls;
  const log = new RecordingLog();
  const bodies = async (url: string) => (await receiveAll(client, url)).map(({ Body = '' }) => Body);
  const parsed = async (url: string) => (await bodies(url)).map((body): unknown => JSON.parse(body));
  return {
    client,
    urls,
    log,
    queue: createSqsWebhookQueue(client, { queue, deadLetters, poison }, log),
    stored: async () => ({
      deliveries: await parsed(queue),
      deadLetters: await parsed(deadLetters),
      poison: await bodies(poison),
    }),
    breakDown: () => emulator.close(),
  };
}

const event = { ...activationCompletedExample, specversion: '1.0' as const };
const delivery = (attempt: number, change: Partial<Delivery> = {}): Delivery => ({
  endpoint: 'siem',
  attempt,
  firstAt: 1,
  event,
  ...change,
});
const deadLetter: WebhookDeadLetter = {
  endpoint: 'siem',
  eventId: event.id,
  reason: 'gone',
  attempts: 1,
  firstAt: 1,
  diedAt: 2,
  lastFailure: { httpStatus: 410 },
  event,
};

describe.each([
  ['in memory', inMemory],
  ['on SQS', onSqs],
])('the webhook queue, %s', (_name, create) => {
  test('stores deliveries, dead letters and poison, each in its place', async () => {
    const { queue, stored } = await create();
    const all = Array.from({ length: 23 }, (_, index) => delivery(index + 1));
    await queue.send(all.map((each) => ({ delivery: each, delayMs: 0 })));
    await queue.sendToDeadLetterQueue(deadLetter);
    await queue.poison('{', 'not JSON');
    const { deliveries, deadLetters, poison } = await stored();
    expect(deliveries).toHaveLength(all.length);
    expect(deliveries).toEqual(expect.arrayContaining(all));
    expect([deadLetters, poison]).toEqual([[deadLetter], ['{']]);
  });

  test('a delayed delivery is not seen yet', async () => {
    const { queue, stored } = await create();
    await queue.send([{ delivery: delivery(1), delayMs: 900_000 }]);
    await queue.send([{ delivery: delivery(2), delayMs: 1 }]);
    expect((await stored()).deliveries).toEqual([]);
  });

  test('throws when it is down', async () => {
    const { queue, breakDown } = await create();
    await breakDown();
    await expect(queue.send([{ delivery: delivery(1), delayMs: 0 }])).rejects.toThrow('could not be queued');
    await expect(queue.sendToDeadLetterQueue(deadLetter)).rejects.toThrow('could not be queued');
    await expect(queue.poison('{', 'not JSON')).rejects.toThrow();
  });
});

describe('on SQS', () => {
  test('an event may hold what SQS takes in no body, and the largest fits', async () => {
    const { queue, client, urls } = await onSqs();
    const odd = delivery(1, {
      event: { ...event, data: { note: '\ufffe\uffff\u0000\ud800', pad: '"'.repeat(120_000) } },
    });
    await queue.send([{ delivery: odd, delayMs: 0 }]);
    const [message] = await receiveAll(client, urls[0] ?? '');
    expect(readMessage(message?.Body ?? '')).toEqual({ kind: 'delivery', delivery: odd });
  });

  test('a dead letter says in its attributes whose it is, and poison why', async () => {
    const { queue, client, urls } = await onSqs();
    await queue.sendToDeadLetterQueue(deadLetter);
    await queue.poison('', 'not JSON');
    const attributes = await Promise.all(
      urls.slice(1).map(async (url) => {
        const [message] = await receiveAll(client, url);
        const named = Object.entries(message?.MessageAttributes ?? {});
        return Object.fromEntries(named.map(([name, { StringValue }]) => [name, StringValue]));
      }),
    );
    expect(attributes).toEqual([
      { endpoint: 'siem', reason: 'gone', eventType: event.type },
      { reason: 'not JSON' },
    ]);
  });
});
