import * as v from 'valibot';
import { activationDetails, asyncTaskId, cloudEvent, durations, envelope } from './cloud-event.ts';
import { exampleActivation, exampleEvent } from './example-event.ts';

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

/** The golden example. */
export const activationSubmittedExample = exampleEvent(
  'flow-log-activation.submitted.v1',
  {
    id: `${exampleActivation.activationId}.1.submitted`,
    subject: exampleActivation.flowLogId,
    time: '2026-01-02T03:04:05.678Z',
  },
  {
    ...exampleActivation,
    attempts: 1,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg2',
    durations: { queuedMs: 412, totalMs: 412 },
  },
);
