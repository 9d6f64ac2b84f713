import * as v from 'valibot';
import { asyncTaskId, cloudEvent, deactivationDetails, durations, envelope } from './cloud-event.ts';

export const DEACTIVATION_SUBMITTED = 'flow-log-deactivation.submitted.v1';

const data = v.looseObject({
  ...deactivationDetails,
  requestId: v.pipe(v.string(), v.description("Volcengine's id of the accepted call.")),
  asyncTaskId,
  durations,
});

export const deactivationSubmittedSchema = cloudEvent(
  DEACTIVATION_SUBMITTED,
  data,
  'Volcengine accepted the call of DeactiveFlowLog. The flow log is not Inactive yet.',
);
export type DeactivationSubmitted = v.InferOutput<typeof deactivationSubmittedSchema>;

export function deactivationSubmitted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(DEACTIVATION_SUBMITTED, id, at, details, details.flowLogId);
}
