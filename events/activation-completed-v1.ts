import * as v from 'valibot';
import { activationDetails, asyncTaskId, cloudEvent, durations, envelope } from './cloud-event.ts';

export const ACTIVATION_COMPLETED = 'flow-log-activation.completed.v1';

const data = v.looseObject({
  ...activationDetails,
  adopted: v.pipe(
    v.boolean(),
    v.description(
      'True when no call of this service is known to have been accepted: it was already Active, or someone else activated it.',
    ),
  ),
  requestId: v.optional(
    v.pipe(v.string(), v.description("Volcengine's id of the accepted call, when there was one.")),
  ),
  asyncTaskId,
  durations,
});

export const activationCompletedSchema = cloudEvent(
  ACTIVATION_COMPLETED,
  data,
  'DescribeFlowLogs showed the flow log Active while the activation was open. Final.',
);
export type ActivationCompleted = v.InferOutput<typeof activationCompletedSchema>;

export function activationCompleted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(ACTIVATION_COMPLETED, id, at, details, details.flowLogId);
}
