import * as v from 'valibot';

const DEPTH_LIMIT = 100;

const text = v.pipe(v.string(), v.minLength(1));
/** Milliseconds since the epoch. */
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The fields of a CloudEvent that a delivery needs. All other fields are kept unchanged. */
const cloudEvent = v.looseObject({ specversion: v.literal('1.0'), id: text, type: text });

/** How an attempt failed: the status of a response, or the code and message if there was none. */
const attemptFailure = v.object({
  httpStatus: v.optional(v.number()),
  code: v.optional(v.string()),
  message: v.optional(v.string()),
  /** The beginning of the response's body. */
  excerpt: v.optional(v.string()),
});

const delivery = v.object({
  endpoint: text,
  /** 1 for the first attempt. Only requests that were sent count. */
  attempt: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** When the delivery was created. The day of retries begins at this time. */
  firstAt: time,
  lastFailure: v.optional(attemptFailure),
  event: cloudEvent,
});

export const DEAD_LETTER_REASONS = ['gone', 'refused', 'expired'] as const;

/** The body of a message in the dead-letter queue of the webhooks. */
export const webhookDeadLetterSchema = v.object({
  endpoint: text,
  eventId: v.string(),
  reason: v.pipe(
    v.picklist(DEAD_LETTER_REASONS),
    v.description(
      '`gone`: the endpoint returned 410. `refused`: a chat does not take the message, or has no such bot. `expired`: a day of attempts has passed.',
    ),
  ),
  attempts: time,
  firstAt: time,
  diedAt: time,
  lastFailure: v.optional(attemptFailure),
  event: cloudEvent,
});

/** The message that EventBridge sends to a queue. Its detail is the CloudEvent. */
const busMessage = v.looseObject({ 'detail-type': v.string(), detail: cloudEvent });

const json = v.pipe(v.string(), v.parseJson(), v.check(isShallow));

export type CloudEvent = v.InferOutput<typeof cloudEvent>;
export type AttemptFailure = v.InferOutput<typeof attemptFailure>;
export type Delivery = v.InferOutput<typeof delivery>;
export type WebhookDeadLetter = v.InferOutput<typeof webhookDeadLetterSchema>;

export type QueueMessage =
  | { kind: 'event'; event: CloudEvent }
  | { kind: 'delivery'; delivery: Delivery }
  | { kind: 'deadLetter'; deadLetter: WebhookDeadLetter };

/**
 * Reads a message of the webhook queue: an event of the bus, a delivery of it to one endpoint, or a dead letter that was
 * moved back. Undefined for anything else. It checks the event but does not rebuild it: the event keeps the order of
 * its fields, so that every attempt sends the same bytes.
 */
export function readMessage(body: string): QueueMessage | undefined {
  const { success, output: message } = v.safeParse(json, body);
  if (!success) return undefined;
  if (v.is(webhookDeadLetterSchema, message)) return { kind: 'deadLetter', deadLetter: message };
  if (v.is(delivery, message)) return { kind: 'delivery', delivery: message };
  if (v.is(busMessage, message)) return { kind: 'event', event: message.detail };
  return undefined;
}

/** Our events have six levels. A value with thousands of levels can be parsed, but not serialized again. */
function isShallow(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth < DEPTH_LIMIT; depth += 1) {
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
    if (level.length === 0) return true;
  }
  return false;
}
