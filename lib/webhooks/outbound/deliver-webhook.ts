import { MAX_DELAY_MS } from '../../activation/model/policy.ts';
import type { Clock, Log, Random } from '../../activation/model/ports.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';
import type { Endpoint } from './endpoint.ts';
import { idsOf, traceOf } from './event-ids.ts';
import type { AttemptFailure, CloudEvent, Delivery, WebhookDeadLetter } from './messages.ts';
import type { DeliveryMetrics, PostOutcome, WebhookQueue, WebhookRequest } from './ports.ts';
import { classifyAttempt, deferralDelayMs, isDayOver, retryDelayMs } from './retry.ts';
import { signedHeaders, webhookIdOf } from './sign.ts';

export type DeliveryDeps = {
  endpoints: ReadonlyMap<string, Endpoint>;
  queue: WebhookQueue;
  metrics: DeliveryMetrics;
  log: Log;
  now: Clock;
  random: Random;
  retryBaseMs: number;
};

export type DeliveryResult = 'delivered' | 'retry' | 'deferred' | 'dead-lettered' | 'dropped';

const MEDIA_TYPE = 'application/cloudevents+json';
const SOON_MS = 1_000;

/**
 * Makes at most one attempt at a delivery, and starts it no later than `startBy`. If the delivery is not finished, it
 * sends a delayed message for the next attempt before it resolves. Throws only if this fails; then the current message
 * stays in the queue.
 */
export async function deliverWebhook(
  deps: DeliveryDeps,
  delivery: Delivery,
  startBy: number,
): Promise<DeliveryResult> {
  const endpoint = deps.endpoints.get(delivery.endpoint);
  if (endpoint === undefined) {
    deps.metrics.count('DroppedWebhooks');
    deps.log.warn('webhook dropped, its endpoint is not configured', detailsOf(delivery));
    return 'dropped';
  }
  const admission = await endpoint.circuitBreaker.acquire();
  if (!admission.admitted) return defer(deps, delivery, admission.waitMs);
  if (deps.now() > startBy) {
    admission.release({ kind: 'unknown' }, 0);
    await deps.queue.send([{ delivery, delayMs: SOON_MS }]);
    return 'deferred';
  }
  const startedAt = deps.now();
  const outcome = await attempt(deps, endpoint, delivery, admission.goesOn);
  const tookMs = deps.now() - startedAt;
  const retryAfter = outcome.kind === 'response' ? outcome.retryAfter : undefined;
  const retryAfterMs = parseRetryAfter(retryAfter, deps.now(), MAX_DELAY_MS);
  const verdict = (endpoint.chat?.classify ?? classifyAttempt)(outcome, retryAfterMs);
  admission.release(verdict.signal, tookMs);
  if (verdict.kind === 'delivered') {
    deps.metrics.count('DeliveredWebhooks');
    deps.log.info('webhook delivered', { ...detailsOf(delivery), tookMs });
    return 'delivered';
  }

  const { failure } = verdict;
  deps.metrics.count('FailedWebhookAttempts');
  deps.log.warn('webhook attempt failed', { ...detailsOf(delivery), tookMs, ...loggable(failure) });
  const now = deps.now();
  const { attempt: attempts, firstAt } = delivery;
  if (verdict.kind !== 'retry') {
    return sendToDeadLetterQueue(deps, delivery, { reason: verdict.kind, attempts, lastFailure: failure });
  }
  if (isDayOver({ firstAt, now })) {
    return sendToDeadLetterQueue(deps, delivery, { reason: 'expired', attempts, lastFailure: failure });
  }
  const delayMs = retryDelayMs(
    { attempt: attempts, firstAt, now },
    { baseMs: deps.retryBaseMs, retryAfterMs: verdict.retryAfterMs, random: deps.random },
  );
  await deps.queue.send([
    { delivery: { ...delivery, attempt: attempts + 1, lastFailure: failure }, delayMs },
  ]);
  return 'retry';
}

async function attempt(
  deps: DeliveryDeps,
  endpoint: Endpoint,
  { event }: Delivery,
  goesOn: () => boolean,
): Promise<PostOutcome> {
  try {
    const request = await (endpoint.chat?.request(event, deps.now()) ??
      standardRequest(endpoint, event, deps.now()));
    return await endpoint.post(request, goesOn);
  } catch (error) {
    // A secret that cannot be read counts as a failed attempt. It must not make deliveries to other endpoints fail.
    deps.log.error('the secrets of a webhook endpoint could not be read', { endpoint: endpoint.name, error });
    return { kind: 'no-response', code: 'SecretUnavailable', message: 'its secrets could not be read' };
  }
}

/** The event in the structured mode of CloudEvents, signed as Standard Webhooks says. */
async function standardRequest(
  { signingKeys }: Endpoint,
  event: CloudEvent,
  at: number,
): Promise<WebhookRequest> {
  const body = JSON.stringify(event);
  const signature = signedHeaders(await signingKeys(), { webhookId: webhookIdOf(event.id), at, body });
  return { headers: { 'content-type': MEDIA_TYPE, ...traceOf(event), ...signature }, body };
}

async function defer(deps: DeliveryDeps, delivery: Delivery, waitMs: number): Promise<DeliveryResult> {
  const { attempt: next, firstAt, lastFailure } = delivery;
  const now = deps.now();
  if (isDayOver({ firstAt, now })) {
    return sendToDeadLetterQueue(deps, delivery, { reason: 'expired', attempts: next - 1, lastFailure });
  }
  await deps.queue.send([
    { delivery, delayMs: deferralDelayMs({ firstAt, now }, { waitMs, random: deps.random }) },
  ]);
  return 'deferred';
}

async function sendToDeadLetterQueue(
  deps: DeliveryDeps,
  delivery: Delivery,
  end: {
    reason: WebhookDeadLetter['reason'];
    attempts: number;
    lastFailure: AttemptFailure | undefined;
  },
): Promise<DeliveryResult> {
  const { endpoint, firstAt, event } = delivery;
  const { reason, attempts, lastFailure } = end;
  const diedAt = deps.now();
  await deps.queue.sendToDeadLetterQueue({
    endpoint,
    eventId: event.id,
    reason,
    attempts,
    firstAt,
    diedAt,
    ...(lastFailure && { lastFailure }),
    event,
  });
  deps.metrics.count('DeadWebhooks');
  deps.log.error('webhook given up', { ...detailsOf(delivery), attempt: attempts, reason });
  return 'dead-lettered';
}

function detailsOf({ endpoint, event, attempt: number }: Delivery) {
  const webhookId = webhookIdOf(event.id);
  return { ...idsOf(event), endpoint, eventId: event.id, webhookId, attempt: number };
}

/** Leaves out the excerpt: an endpoint's response may contain anything. */
function loggable({ excerpt: _, message: cause, ...failure }: AttemptFailure) {
  return { ...failure, cause };
}
