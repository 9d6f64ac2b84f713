import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { activationCompletedExample } from '../../events/golden-examples.ts';
import { handleRecord } from '../../functions/send-webhooks.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import type { Endpoint } from '../../lib/webhooks/outbound/endpoint.ts';
import {
  type ContainerLoad,
  createEndpointCircuitBreaker,
} from '../../lib/webhooks/outbound/endpoint-circuit-breaker.ts';
import { DEAD_LETTER_REASONS, readMessage } from '../../lib/webhooks/outbound/messages.ts';
import type { PostOutcome, WebhookRequest } from '../../lib/webhooks/outbound/ports.ts';
import { parseSecret } from '../../lib/webhooks/outbound/sign.ts';
import { START } from '../support/fakes/activations.ts';
import { context, sqsEvent } from '../support/fakes/lambda.ts';
import { RecordingLog } from '../support/fakes/ports.ts';
import { RecordingDeliveryMetrics, RecordingWebhookQueue } from '../support/fakes/webhook-queue.ts';
import { messageNear } from './message-input.ts';
import { mostly, oddKey, oddText, perhaps } from './odd-text.ts';
import { defineLoggingSurface } from './output.ts';
import { require, type Surface } from './surface.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const ENDPOINTS = ['first', 'second'];
const HASHED_LENGTH = 10_000;
const event = activationCompletedExample;
/** Told of by a neighbour of every bad message, and delivered whatever its neighbours are. */
const good = JSON.stringify({ endpoint: 'first', attempt: 1, firstAt: 0, event: { ...event, id: 'good' } });

const oddEvent = fc
  .record({
    id: mostly(fc.constant(event.id), oddText),
    type: mostly(fc.constantFrom(event.type, 'flow-log-batch.completed.v1'), oddText),
    data: fc.oneof(fc.dictionary(oddKey, fc.jsonValue()), fc.jsonValue()),
  })
  .map((change) => ({ ...event, ...change }));
const endpoint = mostly(fc.constantFrom(...ENDPOINTS), oddText);
const count = mostly(fc.integer({ min: 1, max: 300 }), fc.integer());
/** Within the day, long after it, and what is no time. */
const time = fc.oneof(fc.constantFrom(0, START), fc.integer(), fc.double());
const failure = fc.record(
  { httpStatus: fc.integer(), code: oddText, excerpt: oddText },
  { requiredKeys: [] },
);

const message = fc.oneof(
  fc.record({ 'detail-type': oddText, source: fc.constant(event.source), detail: oddEvent }),
  fc.record(
    { endpoint, attempt: count, firstAt: time, lastFailure: failure, event: oddEvent },
    { requiredKeys: ['endpoint', 'attempt', 'firstAt', 'event'] },
  ),
  fc.record({
    endpoint,
    eventId: oddText,
    reason: mostly(fc.constantFrom(...DEAD_LETTER_REASONS), oddText),
    attempts: count,
    firstAt: time,
    diedAt: time,
    event: oddEvent,
  }),
);
const outcome: fc.Arbitrary<PostOutcome> = fc.oneof(
  fc
    .record({
      httpStatus: fc.integer({ min: 200, max: 999 }),
      excerpt: oddText,
      retryAfter: perhaps(oddText),
    })
    .map(({ retryAfter, ...answer }) => ({
      kind: 'response' as const,
      ...answer,
      ...(retryAfter !== undefined && { retryAfter }),
    })),
  fc.record({ kind: fc.constant('no-response' as const), code: oddText, message: oddText }),
);
const body = messageNear(message);

/** Whole batches with one good delivery among them, against endpoints that answer anything. */
export const WEBHOOK_DELIVERY_SURFACE: Surface = defineLoggingSurface({
  name: 'webhook queue messages',
  inputs: fc.record({
    bodies: fc.array(body, { minLength: 1, maxLength: 4 }),
    place: fc.nat(4),
    outcomes: fc.array(outcome, { maxLength: 4 }),
  }),
  async probe({ bodies, place, outcomes }) {
    const world = createWorld(outcomes);
    const { Records } = sqsEvent(bodies.toSpliced(place, 0, good));
    const stack = sqsBatchHandler((record: SQSRecord, invocation) =>
      handleRecord(world.deps, record, invocation),
    );
    const { batchItemFailures } = await stack({ Records }, context());
    const { queue, log, posted } = world;
    require(batchItemFailures.length === 0, () => `given back: ${JSON.stringify(log.lines.at(-1))}`);
    require(posted.some((request) => request.body.includes('"id":"good"')), 'a good delivery went unsent');
    for (const request of posted) checkSignature(request);
    for (const { delivery, delayMs } of queue.sent) {
      require(ENDPOINTS.includes(delivery.endpoint), 'queued for an endpoint that there is not');
      require(Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= 900_000, `a delay of ${delayMs} ms`);
    }
    for (const queued of [...queue.sent.map(({ delivery }) => delivery), ...queue.deadLetters]) {
      require(readMessage(JSON.stringify(queued)) !== undefined, 'queued what it cannot read itself');
    }
    require(queue.poisoned.every((poison) => bodies.includes(poison.body)), 'poisoned with another body');
    return queue.poisoned.length === bodies.length ? 'refused' : 'accepted';
  },
});

/** By the receivers' library, whose SHA-256 is plain JavaScript: not for what is huge. */
function checkSignature({ headers, body: sent }: WebhookRequest): void {
  if (sent.length > HASHED_LENGTH) return;
  const signature = new Webhook(SECRET).sign(headers['webhook-id'] ?? '', new Date(START), sent);
  require(headers['webhook-signature'] === signature, 'signed otherwise than receivers expect');
}

function createWorld(outcomes: PostOutcome[]) {
  const posted: WebhookRequest[] = [];
  const answers = outcomes.values();
  const clocked = { now: () => START, random: () => 0.5 };
  const load: ContainerLoad = { slow: new Set(), underWay: 0 };
  const endpoints = ENDPOINTS.map((name): [string, Endpoint] => [
    name,
    {
      name,
      signingKeys: async () => [parseSecret(SECRET)],
      async post(request) {
        posted.push(request);
        return answers.next().value ?? { kind: 'response', httpStatus: 204, excerpt: '' };
      },
      circuitBreaker: createEndpointCircuitBreaker({
        ...clocked,
        slowMs: 1_000,
        timeoutMs: 10_000,
        quickTimeoutMs: 2_000,
        load,
        maxConcurrent: 10,
        failuresUntilDown: 10,
        pauseMs: 1_000,
        pauseCapMs: 1_000,
      }),
    },
  ]);
  const queue = new RecordingWebhookQueue();
  const log = new RecordingLog();
  const deps = {
    ...clocked,
    endpoints: new Map(endpoints),
    queue,
    log,
    metrics: new RecordingDeliveryMetrics(),
    retryBaseMs: 2_000,
    attemptTimeoutMs: 10_000,
  };
  return { deps, queue, log, posted };
}
