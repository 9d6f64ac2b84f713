import * as v from 'valibot';
import { cloudEvent, count, envelope, positive } from './cloud-event.ts';
import { exampleEvent } from './example-event.ts';

export const BATCH_COMPLETED = 'flow-log-batch.completed.v1';

const data = v.looseObject({
  batchId: v.string(),
  source: v.pipe(
    v.string(),
    v.description('The origin of the request: `api`, `webhook:<source>` or `schedule:<name>`.'),
  ),
  metadata: v.pipe(v.record(v.string(), v.string()), v.description('The metadata of the request.')),
  total: v.pipe(positive, v.description('The number of flow logs. Each has one activation in the batch.')),
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

/** The golden example. */
export const batchCompletedExample = exampleEvent(
  'flow-log-batch.completed.v1',
  {
    id: 'b-0123456789abcdef0123456789abcdef.completed',
    subject: 'b-0123456789abcdef0123456789abcdef',
    time: '2026-01-02T03:04:17.901Z',
  },
  {
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
);
