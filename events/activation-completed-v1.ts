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

/** Every later release must parse this example. A change that breaks it needs a new version. */
export const activationCompletedExample = {
  specversion: '1.0',
  id: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef.1.completed',
  source: 'flow-log-activator',
  type: 'flow-log-activation.completed.v1',
  subject: 'fl-2d6m9xk4q8zy85oxruvg1',
  time: '2026-01-02T03:04:17.901Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-activation.completed.v1',
  data: {
    activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
    batchIds: ['b-0123456789abcdef0123456789abcdef', 'b-fedcba9876543210fedcba9876543210'],
    flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
    region: 'cn-beijing',
    account: 'default',
    generation: 1,
    metadata: { ticket: 'OPS-1' },
    attempts: 1,
    adopted: false,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg2',
    durations: { queuedMs: 412, pendingMs: 12_223, totalMs: 12_635 },
  },
};
