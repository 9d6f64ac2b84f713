/*
 * What the golden examples share. Nothing here comes from the code that builds events: an example must not change with
 * that code. Every later release must parse each example. A change that breaks one needs a new version of its event.
 */

/** The fields of the activation in the examples. */
export const exampleActivation = {
  activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
  batchIds: ['b-0123456789abcdef0123456789abcdef'],
  flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
  region: 'cn-beijing',
  account: 'default',
  generation: 1,
  metadata: { ticket: 'OPS-1' },
};

/** How Volcengine refused the call for it. */
export const exampleError = {
  code: 'InvalidFlowLog.InvalidStatus',
  message: 'The flow log is in freeze status.',
  httpStatus: 400,
  requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
};

export function exampleEvent<Type extends string, Data extends object>(
  type: Type,
  { id, subject, time }: { id: string; subject: string; time: string },
  data: Data,
) {
  return {
    specversion: '1.0',
    id,
    source: 'flow-log-activator',
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    dataschema: `urn:flow-log-activator:${type}`,
    data,
  };
}
