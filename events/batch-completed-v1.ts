import * as v from 'valibot';
import { cloudEvent, envelope } from './cloud-event.ts';

export const BATCH_COMPLETED = 'flow-log-batch.completed.v1';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const data = v.looseObject({
  batchId: v.string(),
  source: v.pipe(
    v.string(),
    v.description('The origin of the request: `api`, `webhook:<source>` or `schedule:<name>`.'),
  ),
  metadata: v.pipe(v.record(v.string(), v.string()), v.description('The metadata of the request.')),
  total: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.description('The number of flow logs. Each has one activation in the batch.'),
  ),
  counts: v.looseObject({ completed: count, failed: count }),
  adopted: v.pipe(
    count,
    v.description(
      'How many of the completed ones became Active without a call of this service that is known to have been accepted.',
    ),
  ),
  reasons: v.optional(
    v.pipe(
      v.record(v.string(), count),
      v.description(
        'How many failed for each reason. Absent if none failed. The list of reasons may grow within this version.',
      ),
    ),
  ),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  completedAt: v.pipe(v.string(), v.isoTimestamp(), v.description('When the last of them became final.')),
  durations: v.object({ totalMs: v.number() }),
});

export const batchCompletedSchema = cloudEvent(
  BATCH_COMPLETED,
  data,
  'All activations of the batch, including those that it joined, were final at the same time. Published once, when ' +
    'this happens first. After a redrive of a failed one, `done` of GET /batches/{batchId} is false until that ' +
    "activation ends. The activation's next event reports this end; the batch has no second event.",
);
export type BatchCompleted = v.InferOutput<typeof batchCompletedSchema>;

export function batchCompleted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(BATCH_COMPLETED, id, at, details, details.batchId);
}

/** Every later release must parse this example. A change that breaks it needs a new version. */
export const batchCompletedExample = {
  specversion: '1.0',
  id: 'b-0123456789abcdef0123456789abcdef.completed',
  source: 'flow-log-activator',
  type: 'flow-log-batch.completed.v1',
  subject: 'b-0123456789abcdef0123456789abcdef',
  time: '2026-01-02T03:04:17.901Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-batch.completed.v1',
  data: {
    batchId: 'b-0123456789abcdef0123456789abcdef',
    source: 'api',
    metadata: { ticket: 'OPS-1' },
    total: 12,
    counts: { completed: 9, failed: 3 },
    adopted: 1,
    reasons: { frozen: 2, 'not-found': 1 },
    createdAt: '2026-01-02T03:04:05.266Z',
    completedAt: '2026-01-02T03:04:17.901Z',
    durations: { totalMs: 12_635 },
  },
};
