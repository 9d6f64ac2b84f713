import * as v from 'valibot';
import {
  asyncTaskId,
  callError,
  cloudEvent,
  deactivationDetails,
  durations,
  envelope,
  redriveHelps,
} from './cloud-event.ts';

export const DEACTIVATION_FAILED = 'flow-log-deactivation.failed.v1';

const data = v.looseObject({
  ...deactivationDetails,
  reason: v.pipe(
    v.string(),
    v.description(
      'One of a closed list. After `not-found` and `deleting` nothing is left to switch off. The list may grow within ' +
        'this version: treat an unknown reason as `unexpected`.',
    ),
  ),
  lastError: v.optional(callError),
  asyncTaskId,
  redriveHelps,
  durations,
});

export const deactivationFailedSchema = cloudEvent(
  DEACTIVATION_FAILED,
  data,
  'The deactivation ended without the flow log being seen Inactive. Final, unless it is redriven.',
);
export type DeactivationFailed = v.InferOutput<typeof deactivationFailedSchema>;

export function deactivationFailed(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(DEACTIVATION_FAILED, id, at, details, details.flowLogId);
}
