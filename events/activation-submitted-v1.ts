import * as v from 'valibot';
import { activationDetails, asyncTaskId, cloudEvent, durations, envelope } from './cloud-event.ts';

export const ACTIVATION_SUBMITTED = 'flow-log-activation.submitted.v1';

const data = v.looseObject({
  ...activationDetails,
  requestId: v.pipe(v.string(), v.description("Volcengine's id of the accepted call.")),
  asyncTaskId,
  durations,
});

export const activationSubmittedSchema = cloudEvent(
  ACTIVATION_SUBMITTED,
  data,
  'Volcengine accepted the call. The flow log is not Active yet.',
);
export type ActivationSubmitted = v.InferOutput<typeof activationSubmittedSchema>;

export function activationSubmitted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(ACTIVATION_SUBMITTED, id, at, details, details.flowLogId);
}
