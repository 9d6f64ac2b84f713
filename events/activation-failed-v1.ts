import * as v from 'valibot';
import {
  activationDetails,
  asyncTaskId,
  callError,
  cloudEvent,
  durations,
  envelope,
  redriveHelps,
} from './cloud-event.ts';

export const ACTIVATION_FAILED = 'flow-log-activation.failed.v1';

const data = v.looseObject({
  ...activationDetails,
  reason: v.pipe(
    v.string(),
    v.description(
      'One of a closed list. The list may grow within this version: treat an unknown reason as `unexpected`.',
    ),
  ),
  lastError: v.optional(callError),
  asyncTaskId,
  redriveHelps,
  durations,
});

export const activationFailedSchema = cloudEvent(
  ACTIVATION_FAILED,
  data,
  'The activation ended without the flow log being seen Active. Final, unless it is redriven.',
);
export type ActivationFailed = v.InferOutput<typeof activationFailedSchema>;

export function activationFailed(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(ACTIVATION_FAILED, id, at, details, details.flowLogId);
}
