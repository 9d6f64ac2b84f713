import * as v from 'valibot';
import { activationDetails, asyncTaskId, cloudEvent, durations, envelope } from './cloud-event.ts';
import { exampleActivation, exampleEvent } from './example-event.ts';

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

/** The golden example. */
export const activationCompletedExample = exampleEvent(
  'flow-log-activation.completed.v1',
  {
    id: `${exampleActivation.activationId}.1.completed`,
    subject: exampleActivation.flowLogId,
    time: '2026-01-02T03:04:17.901Z',
  },
  {
    ...exampleActivation,
    batchIds: ['b-0123456789abcdef0123456789abcdef', 'b-fedcba9876543210fedcba9876543210'],
    attempts: 1,
    adopted: false,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg2',
    durations: { queuedMs: 412, pendingMs: 12_223, totalMs: 12_635 },
  },
);
