import { expect, test } from 'vitest';
import { wants } from '../../../../lib/webhooks/outbound/endpoint.ts';
import { fanOut } from '../../../../lib/webhooks/outbound/fan-out.ts';
import { RecordingWebhookQueue } from '../../../support/fakes/webhook-queue.ts';

const COMPLETED = 'flow-log-activation.completed.v1';

test.each([
  [undefined, COMPLETED, true],
  [[COMPLETED], COMPLETED, true],
  [['flow-log-activation'], COMPLETED, true],
  [['flow-log-activation.'], COMPLETED, true],
  [['flow-log-activation.completed'], COMPLETED, true],
  [['flow-log-batch', 'flow-log-activation.completed'], COMPLETED, true],
  [['flow-log-activation.complete'], COMPLETED, false],
  [[COMPLETED], `${COMPLETED}0`, false],
  [['flow-log-batch'], COMPLETED, false],
])('%j wants %s: %s', (types, type, expected) => {
  expect(wants({ types }, type)).toBe(expected);
});

test('an event becomes one delivery for each endpoint that wants it', async () => {
  const queue = new RecordingWebhookQueue();
  const endpoints = new Map([
    ['all', { name: 'all' }],
    ['batches', { name: 'batches', types: ['flow-log-batch'] }],
    ['completed', { name: 'completed', types: [COMPLETED] }],
  ]);
  const event = { specversion: '1.0' as const, id: 'e1', type: COMPLETED };
  expect(await fanOut({ endpoints, queue, now: () => 5 }, event)).toBe(2);
  expect(queue.sent).toEqual(
    ['all', 'completed'].map((endpoint) => ({
      delivery: { endpoint, attempt: 1, firstAt: 5, event },
      delayMs: 0,
    })),
  );
  queue.broken = true;
  await expect(fanOut({ endpoints, queue, now: () => 5 }, event)).rejects.toThrow('could not be queued');
  expect(await fanOut({ endpoints: new Map(), queue, now: () => 5 }, event)).toBe(0);
});
