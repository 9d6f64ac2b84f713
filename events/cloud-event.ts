import * as v from 'valibot';

/** `Source` on the bus and `source` in every event. */
export const EVENT_SOURCE = 'flow-log-activator';

/** What every event says of its activation. All times are ISO 8601 in UTC, all durations milliseconds. */
export const activationFacts = {
  activationId: v.string(),
  /** The batch that opened the activation, then those that joined it. */
  batchIds: v.array(v.string()),
  flowLogId: v.string(),
  region: v.string(),
  account: v.string(),
  /** 1, and one more with every redrive. */
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  metadata: v.record(v.string(), v.string()),
  /** Calls made to ActiveFlowLog in this generation. */
  attempts: v.pipe(v.number(), v.integer(), v.minValue(0)),
};

/** Milliseconds spent in each state of this generation, until the event. */
export const durations = v.object({
  queuedMs: v.number(),
  pendingMs: v.optional(v.number()),
  totalMs: v.number(),
});

/**
 * The CloudEvents 1.0 JSON envelope. Unknown attributes are let through: a version may grow, and its
 * subscribers must not break when it does.
 */
export function cloudEvent<Type extends string, Data extends v.GenericSchema>(type: Type, data: Data) {
  return v.looseObject({
    specversion: v.literal('1.0'),
    id: v.pipe(v.string(), v.minLength(1)),
    source: v.literal(EVENT_SOURCE),
    type: v.literal(type),
    /** The flow log's id. */
    subject: v.string(),
    time: v.pipe(v.string(), v.isoTimestamp()),
    datacontenttype: v.literal('application/json'),
    dataschema: v.string(),
    data,
  });
}

/** The envelope around `data`; `at` is in milliseconds since the epoch. Equal input gives equal bytes. */
export function envelope<Type extends string, Data extends { flowLogId: string }>(
  type: Type,
  id: string,
  at: number,
  data: Data,
) {
  return {
    specversion: '1.0' as const,
    id,
    source: EVENT_SOURCE,
    type,
    subject: data.flowLogId,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json' as const,
    dataschema: `urn:flow-log-activator:${type}`,
    data,
  };
}
