import * as v from 'valibot';
import { callerRequestId, cloudEvent, count, envelope, positive } from './cloud-event.ts';

export const BATCH_COMPLETED = 'flow-log-batch.completed.v1';

const data = v.looseObject({
  batchId: v.string(),
  source: v.pipe(
    v.string(),
    v.description(
      'The origin of the request: `api`, `webhook:<source>`, `schedule:<name>` or `policy:<name>`.',
    ),
  ),
  metadata: v.pipe(v.record(v.string(), v.string()), v.description('The metadata of the request.')),
  callerRequestId,
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
