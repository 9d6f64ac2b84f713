import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
import { activationCompletedExample } from '../../../../events/golden-examples.ts';
import type { DeliveryDeps } from '../../../../lib/webhooks/outbound/deliver-webhook.ts';
import type { Endpoint } from '../../../../lib/webhooks/outbound/endpoint.ts';
import { createEndpointCircuitBreaker } from '../../../../lib/webhooks/outbound/endpoint-circuit-breaker.ts';
import { handleMessage } from '../../../../lib/webhooks/outbound/handle-message.ts';
import type { Delivery, WebhookDeadLetter } from '../../../../lib/webhooks/outbound/messages.ts';
import type { PostOutcome, WebhookRequest } from '../../../../lib/webhooks/outbound/ports.ts';
import { RETRY_FOR_MS } from '../../../../lib/webhooks/outbound/retry.ts';
import { parseSecret } from '../../../../lib/webhooks/outbound/sign.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';
import { RecordingDeliveryMetrics, RecordingWebhookQueue } from '../../../support/fakes/webhook-queue.ts';

const event = { ...activationCompletedExample, specversion: '1.0' as const };
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const START = Date.now();
const PAUSE_MS = 10_000;

let clock: { now: number };
let queue: RecordingWebhookQueue;
let log: RecordingLog;
let metrics: RecordingDeliveryMetrics;
let endpoint: Endpoint;
let deps: DeliveryDeps;
let posted: WebhookRequest[];
let outcomes: PostOutcome[];

const response = (httpStatus: number, excerpt = ''): PostOutcome => ({
  kind: 'response',
  httpStatus,
  excerpt,
});
const refusedConnection: PostOutcome = { kind: 'no-response', code: 'ECONNREFUSED', message: 'nobody there' };

beforeEach(() => {
  clock = { now: START };
  queue = new RecordingWebhookQueue();
  log = new RecordingLog();
  metrics = new RecordingDeliveryMetrics();
  posted = [];
  outcomes = [];
  const clocked = { now: () => clock.now, random: () => 0.5 };
  endpoint = {
    name: 'siem',
    signingKeys: async () => [parseSecret(SECRET)],
    async post(request) {
      posted.push(request);
      return outcomes.shift() ?? response(200);
    },
    circuitBreaker: createEndpointCircuitBreaker({
      ...clocked,
      random: () => 0,
      maxConcurrent: 1,
      slowMs: 1_000,
      timeoutMs: 10_000,
      quickTimeoutMs: 2_000,
      load: { slow: new Set(), underWay: 0 },
      failuresUntilDown: 2,
      pauseMs: PAUSE_MS,
      pauseCapMs: PAUSE_MS,
    }),
  };
  deps = { ...clocked, endpoints: new Map([['siem', endpoint]]), queue, metrics, log, retryBaseMs: 2_000 };
});

const handle = (message: unknown, startBy = Number.POSITIVE_INFINITY) =>
  handleMessage(deps, { body: JSON.stringify(message), messageId: 'm1' }, startBy);
const first: Delivery = { endpoint: 'siem', attempt: 1, firstAt: START, event };
const busMessage = { 'detail-type': event.type, detail: event };

test('an event of the bus becomes a delivery, and a delivery a signed POST of the event itself', async () => {
  expect(await handle(busMessage)).toBe('fanned-out');
  expect(queue.sent).toEqual([{ delivery: first, delayMs: 0 }]);
  expect(await handle(queue.sent[0]?.delivery)).toBe('delivered');
  const [{ headers, body } = expect.unreachable()] = posted;
  expect(headers['content-type']).toBe('application/cloudevents+json');
  expect(body).toBe(JSON.stringify(event));
  expect(new Webhook(SECRET).verify(body, headers)).toEqual(event);
  expect(queue.sent).toHaveLength(1);
  expect(metrics.counts).toEqual(new Map([['DeliveredWebhooks', 1]]));
});

test('what fails is tried again with one attempt more, the same id and body, and a time of its own', async () => {
  outcomes = [response(500)];
  expect(await handle(first)).toBe('retry');
  const delivery = { ...first, attempt: 2, lastFailure: { httpStatus: 500 } };
  expect(queue.sent).toEqual([{ delivery, delayMs: 2_000 }]);
  clock.now += 60_000;
  expect(await handle(queue.sent[0]?.delivery)).toBe('delivered');
  expect(posted[0]?.body).toBe(posted[1]?.body);
  const ids = posted.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(1);
  const times = posted.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(60);
});

test('Retry-After is waited for, by its message and by its neighbours', async () => {
  outcomes = [{ kind: 'response', httpStatus: 429, retryAfter: '120', excerpt: '' }];
  await handle(first);
  expect(await handle(first)).toBe('deferred');
  expect(queue.sent.map(({ delayMs }) => delayMs)).toEqual([120_000, 120_000]);
  expect(posted).toHaveLength(1);
});

describe('a dead letter', () => {
  test('at once for 410', async () => {
    outcomes = [response(410, 'moved away')];
    expect(await handle({ ...first, attempt: 3 })).toBe('dead-lettered');
    expect(queue.deadLetters).toEqual([
      {
        endpoint: 'siem',
        eventId: event.id,
        reason: 'gone',
        attempts: 3,
        firstAt: START,
        diedAt: START,
        lastFailure: { httpStatus: 410, excerpt: 'moved away' },
        event,
      } satisfies WebhookDeadLetter,
    ]);
    expect(queue.sent).toEqual([]);
    expect(metrics.counts.get('DeadWebhooks')).toBe(1);
  });

  test('when a day is over, after a last attempt', async () => {
    outcomes = [response(500), response(500)];
    clock.now = START + RETRY_FOR_MS - 1;
    expect(await handle({ ...first, attempt: 90 })).toBe('retry');
    expect(queue.sent[0]?.delayMs).toBe(1_000);
    clock.now += 1_000;
    expect(await handle(queue.sent[0]?.delivery)).toBe('dead-lettered');
    const lastFailure = { httpStatus: 500 };
    expect(queue.deadLetters).toMatchObject([{ reason: 'expired', attempts: 91, lastFailure }]);
  });

  test('moved back is delivered afresh, with a day of its own', async () => {
    outcomes = [response(410), refusedConnection];
    await handle({ ...first, attempt: 9 });
    clock.now += 10 * RETRY_FOR_MS;
    expect(await handle(queue.deadLetters[0])).toBe('retry');
    expect(queue.sent[0]?.delivery).toMatchObject({ attempt: 2, firstAt: clock.now, event });
    expect(await handle(queue.deadLetters[0])).toBe('delivered');
  });
});

test('an attempt without a response is logged with its cause', async () => {
  outcomes = [refusedConnection];
  expect(await handle(first)).toBe('retry');
  const fields = { code: 'ECONNREFUSED', cause: 'nobody there' };
  expect(log.lines).toMatchObject([{ message: 'webhook attempt failed', fields }]);
});

describe('while the endpoint is down', () => {
  beforeEach(async () => {
    outcomes = [response(500), response(500)];
    await handle(first);
    await handle(first);
    queue.sent.length = 0;
  });

  test('others are put aside at once, unchanged, and no attempt is counted', async () => {
    expect(await handle(first)).toBe('deferred');
    expect(posted).toHaveLength(2);
    expect(queue.sent).toEqual([{ delivery: first, delayMs: PAUSE_MS }]);
  });

  test('the day goes on', async () => {
    const old = { ...first, firstAt: START - RETRY_FOR_MS };
    const lastFailure = { httpStatus: 502 };
    expect(await handle({ ...old, attempt: 4, lastFailure })).toBe('dead-lettered');
    expect(queue.deadLetters).toMatchObject([{ reason: 'expired', attempts: 3, lastFailure }]);
    expect(await handle(old)).toBe('dead-lettered');
    expect(queue.deadLetters[1]).toMatchObject({ reason: 'expired', attempts: 0 });
    expect(posted).toHaveLength(2);
  });

  test('a probe that gets a response lets all through', async () => {
    clock.now += PAUSE_MS;
    expect([await handle(first), await handle(first)]).toEqual(['delivered', 'delivered']);
  });
});

test('no attempt is begun that could not end in time', async () => {
  expect(await handle(first, START - 1)).toBe('deferred');
  expect(queue.sent).toEqual([{ delivery: first, delayMs: 1_000 }]);
  expect(posted).toEqual([]);
  expect(await handle(first)).toBe('delivered');
});

test('the delivery of an endpoint that is no longer configured is dropped, with a line', async () => {
  expect(await handle({ ...first, endpoint: 'gone-since' })).toBe('dropped');
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { endpoint: 'gone-since', eventId: event.id } }]);
  expect([queue.sent, queue.deadLetters, queue.poisoned]).toEqual([[], [], []]);
});

test('secrets that cannot be read fail the attempt, not the message', async () => {
  endpoint.signingKeys = async () => Promise.reject(new Error('AccessDenied'));
  expect(await handle(first)).toBe('retry');
  expect(queue.sent[0]?.delivery.lastFailure).toMatchObject({ code: 'SecretUnavailable' });
  expect(posted).toEqual([]);
});

test('what nobody can read is poison', async () => {
  expect(await handleMessage(deps, { body: '{', messageId: 'm1' }, 0)).toBe('poisoned');
  expect(queue.poisoned).toEqual([{ body: '{', reason: expect.stringContaining('neither an event') }]);
});

test('a queue that takes nothing keeps the message at hand', async () => {
  queue.broken = true;
  outcomes = [response(500), response(410)];
  await expect(handle(busMessage)).rejects.toThrow('could not be queued');
  await expect(handle(first)).rejects.toThrow('could not be queued');
  await expect(handle(first)).rejects.toThrow('could not be queued');
  await expect(handle('poison')).rejects.toThrow();
});

test('no line tells of bodies or excerpts', async () => {
  outcomes = [response(500, 'excerpt-1'), response(410)];
  await handle(first);
  await handle(first);
  expect(JSON.stringify(log.lines)).not.toMatch(/excerpt-1|whsec|OPS-1/);
});

describe('the request that caused the event', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { activationId, flowLogId, batchIds } = event.data;
  const traced = { ...event, traceparent, data: { ...event.data, callerRequestId: 'OPS-1' } };
  const ids = { activationId, flowLogId, batchId: batchIds[0], callerRequestId: 'OPS-1', traceparent };

  test('is named by the line of each attempt, and its trace goes along as a header', async () => {
    outcomes = [response(500)];
    await handle({ ...first, event: traced });
    await handle(queue.sent.at(-1)?.delivery);
    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'webhook attempt failed', fields: { ...ids, attempt: 1 } },
      { level: 'info', message: 'webhook delivered', fields: { ...ids, attempt: 2 } },
    ]);
    expect(posted.map(({ headers }) => headers.traceparent)).toEqual([traceparent, traceparent]);
  });

  test.each([
    ['none', event],
    ['a malformed one', { ...event, traceparent: 'a\r\nx-evil: 1' }],
    ['one that is no text', { ...event, traceparent: 7 }],
  ])('%s: no header', async (_what, untraced) => {
    expect(await handle({ ...first, event: untraced })).toBe('delivered');
    expect(posted[0]?.headers).not.toHaveProperty('traceparent');
  });

  test.each([undefined, null, 'text', { activationId: 7, batchIds: 'no' }])(
    'data %j names nothing',
    async (data) => {
      expect(await handle({ ...first, event: { ...event, data } })).toBe('delivered');
      const fields = Object.entries(log.lines[0]?.fields ?? {}).filter(([, value]) => value !== undefined);
      expect(fields.map(([name]) => name)).toEqual(['endpoint', 'eventId', 'webhookId', 'attempt', 'tookMs']);
    },
  );
});
