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

/** Every later release must parse this example. A change that breaks it needs a new version. */
export const activationSubmittedExample = {
  specversion: '1.0',
  id: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef.1.submitted',
  source: 'flow-log-activator',
  type: 'flow-log-activation.submitted.v1',
  subject: 'fl-2d6m9xk4q8zy85oxruvg1',
  time: '2026-01-02T03:04:05.678Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-activation.submitted.v1',
  data: {
    activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
    batchIds: ['b-0123456789abcdef0123456789abcdef'],
    flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
    region: 'cn-beijing',
    account: 'default',
    generation: 1,
    metadata: { ticket: 'OPS-1' },
    attempts: 1,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg2',
    durations: { queuedMs: 412, totalMs: 412 },
  },
};
