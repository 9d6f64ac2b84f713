import * as v from 'valibot';
import { activationDetails, asyncTaskId, callError, cloudEvent, durations, envelope } from './cloud-event.ts';

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
  redriveHelps: v.pipe(v.boolean(), v.description('Whether a redrive can help once the cause is removed.')),
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

/** Every later release must parse this example. A change that breaks it needs a new version. */
export const activationFailedExample = {
  specversion: '1.0',
  id: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef.1.failed',
  source: 'flow-log-activator',
  type: 'flow-log-activation.failed.v1',
  subject: 'fl-2d6m9xk4q8zy85oxruvg1',
  time: '2026-01-02T03:04:05.900Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-activation.failed.v1',
  data: {
    activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
    batchIds: ['b-0123456789abcdef0123456789abcdef'],
    flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
    region: 'cn-beijing',
    account: 'default',
    generation: 1,
    metadata: {},
    attempts: 1,
    reason: 'frozen',
    lastError: {
      code: 'InvalidFlowLog.InvalidStatus',
      message: 'The flow log is in freeze status.',
      httpStatus: 400,
      requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    },
    redriveHelps: true,
    durations: { queuedMs: 222, totalMs: 222 },
  },
};
