import * as v from 'valibot';
import { cloudEvent, count, envelope } from './cloud-event.ts';

export const BATCH_PLANNED = 'flow-log-batch.planned.v1';

const flowLogIds = v.array(v.string());

const selector = v.looseObject({
  account: v.string(),
  region: v.string(),
  project: v.optional(v.string()),
  vpcId: v.optional(v.string()),
  resourceType: v.optional(v.string()),
  resourceId: v.optional(v.string()),
  name: v.optional(v.string()),
  tags: v.optional(v.record(v.string(), v.union([v.literal(true), v.array(v.string())]))),
  status: v.array(v.string()),
});

const data = v.looseObject({
  schedule: v.pipe(v.string(), v.description('The name of the schedule.')),
  scheduledAt: v.pipe(v.string(), v.isoTimestamp(), v.description('The scheduled time.')),
  selector: v.pipe(selector, v.description('The selector with its defaults filled in.')),
  counts: v.pipe(
    v.looseObject({
      wouldActivate: v.pipe(
        count,
        v.description('Their status is selected, and nothing prevents the activation.'),
      ),
      alreadyOpen: v.pipe(count, v.description('An activation is already open. The batch would join it.')),
      alreadyActive: count,
      frozen: v.pipe(count, v.description('Volcengine has locked them. They are not activated.')),
      deleting: count,
      otherStatus: v.pipe(count, v.description('Their status is not selected.')),
    }),
    v.description('The number of matching flow logs in each category.'),
  ),
  ids: v.pipe(
    v.looseObject({
      wouldActivate: flowLogIds,
      alreadyOpen: flowLogIds,
      alreadyActive: flowLogIds,
      frozen: flowLogIds,
      deleting: flowLogIds,
      otherStatus: flowLogIds,
    }),
    v.description('The first 100 of each category, sorted by id.'),
  ),
  more: v.pipe(v.boolean(), v.description('True: there are more ids than listed here.')),
});

export const batchPlannedSchema = cloudEvent(
  BATCH_PLANNED,
  data,
  'A schedule in dry run reports what it would have activated. Nothing was started. If the schedule fires again for the ' +
    'same time, the event is the same, even if flow logs have changed since.',
);
export type BatchPlanned = v.InferOutput<typeof batchPlannedSchema>;

export function batchPlanned(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(BATCH_PLANNED, id, at, details, details.schedule);
}
