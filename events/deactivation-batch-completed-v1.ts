import * as v from 'valibot';
import { callerRequestId, cloudEvent, count, envelope, positive } from './cloud-event.ts';

export const DEACTIVATION_BATCH_COMPLETED = 'flow-log-deactivation-batch.completed.v1';

const data = v.looseObject({
  batchId: v.string(),
  source: v.pipe(v.string(), v.description('The origin of the request, such as `api`.')),
  metadata: v.pipe(v.record(v.string(), v.string()), v.description('The metadata of the request.')),
  callerRequestId,
  total: v.pipe(positive, v.description('The number of flow logs. Each has one deactivation in the batch.')),
  counts: v.looseObject({ completed: count, failed: count }),
  adopted: v.pipe(
    count,
    v.description(
      'How many of the completed ones became Inactive without a call of this service that is known to have been accepted.',
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

export const deactivationBatchCompletedSchema = cloudEvent(
  DEACTIVATION_BATCH_COMPLETED,
  data,
  'All deactivations of the batch, including those that it joined, were final at the same time. Published once, when ' +
    'this happens first.',
);
export type DeactivationBatchCompleted = v.InferOutput<typeof deactivationBatchCompletedSchema>;

export function deactivationBatchCompleted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(DEACTIVATION_BATCH_COMPLETED, id, at, details, details.batchId);
}
