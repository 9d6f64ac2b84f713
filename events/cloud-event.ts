import * as v from 'valibot';

/** `Source` on the bus and `source` in every event. */
export const EVENT_SOURCE = 'flow-log-activator';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/* All times are ISO 8601 in UTC, all durations milliseconds. */

export const callerRequestId = v.optional(
  v.pipe(
    v.string(),
    v.description(
      'The id of the request: its header X-Request-Id, the id that API Gateway gave it, or the id of the invocation by a ' +
        'schedule. It is on each log line about it.',
    ),
  ),
);

/** Which activation an event is about. */
export const identity = {
  activationId: v.string(),
  batchIds: v.pipe(
    v.array(v.string()),
    v.description('The batch that opened the activation, then the batches that joined it.'),
  ),
  flowLogId: v.pipe(v.string(), v.description("Volcengine's id of the flow log.")),
  region: v.pipe(v.string(), v.description('The Volcengine region.')),
  account: v.pipe(v.string(), v.description('The alias of the Volcengine account; never an account number.')),
  generation: v.pipe(positive, v.description('Starts at 1. Every redrive adds 1.')),
  metadata: v.pipe(
    v.record(v.string(), v.string()),
    v.description('The metadata of the request that opened the activation.'),
  ),
  callerRequestId,
};

export const attempts = v.pipe(count, v.description('Calls made to ActiveFlowLog in this generation.'));

/** The fields of every event about an open or ended activation. */
export const activationDetails = { ...identity, attempts };

/** The same of a deactivation. */
export const deactivationDetails = {
  ...identity,
  activationId: v.pipe(v.string(), v.description('The id of the deactivation; never that of an activation.')),
  batchIds: v.pipe(
    v.array(v.string()),
    v.description('The batch that opened the deactivation, then the batches that joined it.'),
  ),
  metadata: v.pipe(
    v.record(v.string(), v.string()),
    v.description('The metadata of the request that opened the deactivation.'),
  ),
  attempts: v.pipe(count, v.description('Calls made to DeactiveFlowLog in this generation.')),
};

export const redriveHelps = v.pipe(
  v.boolean(),
  v.description('Whether a redrive can help once the cause is removed.'),
);

export const asyncTaskId = v.optional(
  v.pipe(
    v.string(),
    v.description(
      "Volcengine's id of the task that the accepted call started. Volcengine's support asks for it.",
    ),
  ),
);

export const durations = v.pipe(
  v.object({
    queuedMs: v.number(),
    pendingMs: v.optional(v.number()),
    totalMs: v.number(),
  }),
  v.description('Milliseconds in each state of this generation, up to the event.'),
);

export const callError = v.pipe(
  v.looseObject({
    code: v.string(),
    message: v.string(),
    httpStatus: v.optional(v.number()),
    requestId: v.optional(v.string()),
  }),
  v.description(
    "How the latest failed call ended. `code` is Volcengine's `Error.Code`, or a code of this service.",
  ),
);

/** The name of the schema of an event's `data`; the value of `dataschema`. */
export function dataSchemaOf<Type extends string>(type: Type): `urn:flow-log-activator:${Type}` {
  return `urn:flow-log-activator:${type}`;
}

/**
 * The schema of the CloudEvents 1.0 JSON envelope. `meaning` says when such an event is published. The schema accepts
 * unknown attributes: a version may grow without breaking its subscribers.
 */
export function cloudEvent<Type extends string, Data extends v.GenericSchema>(
  type: Type,
  data: Data,
  meaning: string,
) {
  const fields = v.looseObject({
    specversion: v.literal('1.0'),
    id: v.pipe(
      v.string(),
      v.minLength(1),
      v.description('Unique per fact. A repeated delivery of an event has the same id.'),
    ),
    source: v.literal(EVENT_SOURCE),
    type: v.literal(type),
    subject: v.pipe(
      v.string(),
      v.minLength(1),
      v.description('The subject: the id of the flow log or of the batch, or the name of the schedule.'),
    ),
    time: v.pipe(v.string(), v.isoTimestamp(), v.description('When it happened.')),
    datacontenttype: v.literal('application/json'),
    dataschema: v.pipe(
      v.literal(dataSchemaOf(type)),
      v.description('The schema of `data` for this type and version.'),
    ),
    traceparent: v.optional(
      v.pipe(
        v.string(),
        v.description(
          'The header `traceparent` of the request, as it was sent: the CloudEvents extension Distributed Tracing.',
        ),
      ),
    ),
    data,
  });
  return v.pipe(fields, v.description(meaning));
}

/** Returns the envelope around `data`. `at` is in milliseconds since the epoch. Equal input gives equal bytes. */
export function envelope<Type extends string, Data extends object>(
  type: Type,
  id: string,
  at: number,
  data: Data,
  subject: string,
) {
  return {
    specversion: '1.0' as const,
    id,
    source: EVENT_SOURCE,
    type,
    subject,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json' as const,
    dataschema: dataSchemaOf(type),
    data,
  };
}
