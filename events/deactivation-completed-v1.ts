import * as v from 'valibot';
import { asyncTaskId, cloudEvent, deactivationDetails, durations, envelope } from './cloud-event.ts';

export const DEACTIVATION_COMPLETED = 'flow-log-deactivation.completed.v1';

const data = v.looseObject({
  ...deactivationDetails,
  adopted: v.pipe(
    v.boolean(),
    v.description(
      'True when no call of this service is known to have been accepted: it was already Inactive, or someone else ' +
        'deactivated it.',
    ),
  ),
  requestId: v.optional(
    v.pipe(v.string(), v.description("Volcengine's id of the accepted call, when there was one.")),
  ),
  asyncTaskId,
  durations,
});

export const deactivationCompletedSchema = cloudEvent(
  DEACTIVATION_COMPLETED,
  data,
  'DescribeFlowLogs showed the flow log Inactive while the deactivation was open: it collects no logs. Final.',
);
export type DeactivationCompleted = v.InferOutput<typeof deactivationCompletedSchema>;

export function deactivationCompleted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(DEACTIVATION_COMPLETED, id, at, details, details.flowLogId);
}
