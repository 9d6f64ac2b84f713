import * as v from 'valibot';

/* What can be seen from outside, as the HTTP API, the queues and the fake Volcengine show it. */

const status = v.picklist(['queued', 'pending', 'completed', 'failed']);

export const AcceptedRequest = v.object({
  batchId: v.string(),
  activations: v.array(
    v.object({ activationId: v.string(), flowLogId: v.string(), status, joined: v.boolean() }),
  ),
});
export type AcceptedRequest = v.InferOutput<typeof AcceptedRequest>;

/** In ms since the epoch. */
const time = v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse));

export const SeenActivation = v.object({
  activationId: v.string(),
  flowLogId: v.string(),
  status,
  generation: v.number(),
  attempts: v.number(),
  batchIds: v.array(v.string()),
  reason: v.optional(v.string()),
  adopted: v.optional(v.boolean()),
  createdAt: time,
  pendingAt: v.optional(time),
  finishedAt: v.optional(time),
});
export type SeenActivation = v.InferOutput<typeof SeenActivation>;

export const SeenBatch = v.object({
  batchId: v.string(),
  total: v.number(),
  done: v.boolean(),
  counts: v.object({ queued: v.number(), pending: v.number(), completed: v.number(), failed: v.number() }),
});
export type SeenBatch = v.InferOutput<typeof SeenBatch>;

const parsedJson = v.pipe(v.string(), v.parseJson());

/** A message of the queue `events`, from the bus: an event of any type. */
export const EventMessage = v.pipe(
  parsedJson,
  v.object({ detail: v.looseObject({ id: v.string(), type: v.string(), data: v.looseObject({}) }) }),
);

const ACTIVATION_TYPE = /^flow-log-activation\.(submitted|completed|failed)\.v1$/;

export const ActivationEvent = v.looseObject({
  id: v.string(),
  type: v.pipe(v.string(), v.regex(ACTIVATION_TYPE)),
  data: v.looseObject({
    activationId: v.string(),
    generation: v.number(),
    batchIds: v.array(v.string()),
    reason: v.optional(v.string()),
  }),
});

export const BatchEvent = v.looseObject({
  id: v.string(),
  type: v.literal('flow-log-batch.completed.v1'),
  data: v.looseObject({
    batchId: v.string(),
    total: v.number(),
    counts: v.looseObject({ completed: v.number(), failed: v.number() }),
  }),
});

export const DeadLetterMessage = v.pipe(
  parsedJson,
  v.looseObject({ activationId: v.string(), generation: v.number(), reason: v.string() }),
);

export const JobMessage = v.pipe(
  parsedJson,
  v.looseObject({ activationId: v.string(), generation: v.number() }),
);

/** One delivery; `body` is all that must be the same in every delivery of the same id. */
export type SeenEvent = {
  id: string;
  type: string;
  activationId: string;
  generation: number;
  batchIds: string[];
  reason?: string | undefined;
  body: string;
};

/** One delivery of the end of a batch. */
export type SeenBatchEvent = {
  id: string;
  batchId: string;
  total: number;
  counts: { completed: number; failed: number };
  body: string;
};

/** An event of a type that nothing in a session calls for. */
export type SeenOtherEvent = { id: string; type: string; body: string };

export type SeenDeadLetter = { activationId: string; generation: number; reason: string; body: string };

/** `reason`: why our own worker moved it; absent when the queue did, after too many deliveries. */
export type SeenPoison = { body: string; reason?: string };

export const SeenCalls = v.object({
  calls: v.array(
    v.object({
      seq: v.number(),
      at: v.number(),
      action: v.string(),
      flowLogIds: v.array(v.string()),
      clientToken: v.optional(v.string()),
      effective: v.boolean(),
    }),
  ),
});
export type SeenCall = v.InferOutput<typeof SeenCalls>['calls'][number];

/** In the order in which the faults were planned. */
export const SeenFaults = v.object({ faults: v.array(v.object({ strikes: v.number() })) });

export const SeenFlowLogs = v.object({
  flowLogs: v.array(
    v.object({
      flowLogId: v.string(),
      status: v.string(),
      activeAt: v.optional(v.number()),
      effectiveActivations: v.number(),
    }),
  ),
});
export type SeenFlowLog = v.InferOutput<typeof SeenFlowLogs>['flowLogs'][number];

/** What the table still holds of work: keys of items. */
export type Leftovers = {
  /** Activations with a `dueAt`, of which there must be none. */
  due: string[];
  /** Activations with something still to tell. */
  untold: string[];
  /** Batches whose look is overdue. */
  overdueBatches: string[];
  /** Keys that the index `due` and the table disagree about. */
  misindexed: string[];
};
