/*
 * The golden example of each event and of a dead letter. They have a file of their own, so that no bundle contains them.
 * Nothing here comes from the code that builds events: an example must not change with that code. Every later release
 * must parse each example. A change that breaks one needs a new version of its event.
 */

/** The fields of the activation in the examples. */
const exampleActivation = {
  activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
  batchIds: ['b-0123456789abcdef0123456789abcdef'],
  flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
  region: 'cn-beijing',
  account: 'default',
  generation: 1,
  metadata: { ticket: 'OPS-1' },
};

/** How Volcengine refused the call for it. */
const exampleError = {
  code: 'InvalidFlowLog.InvalidStatus',
  message: 'The flow log is in freeze status.',
  httpStatus: 400,
  requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
};

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

export const activationFailedExample = exampleEvent(
  'flow-log-activation.failed.v1',
  {
    id: `${exampleActivation.activationId}.1.failed`,
    subject: exampleActivation.flowLogId,
    time: '2026-01-02T03:04:05.900Z',
  },
  {
    ...exampleActivation,
    metadata: {},
    attempts: 1,
    reason: 'frozen',
    lastError: exampleError,
    redriveHelps: true,
    durations: { queuedMs: 222, totalMs: 222 },
  },
);

export const batchCompletedExample = exampleEvent(
  'flow-log-batch.completed.v1',
  {
    id: 'b-0123456789abcdef0123456789abcdef.completed',
    subject: 'b-0123456789abcdef0123456789abcdef',
    time: '2026-01-02T03:04:17.901Z',
  },
  {
    batchId: 'b-0123456789abcdef0123456789abcdef',
    source: 'api',
    metadata: { ticket: 'OPS-1' },
    total: 12,
    counts: { completed: 9, failed: 3 },
    adopted: 1,
    reasons: { frozen: 2, 'not-found': 1 },
    createdAt: '2026-01-02T03:04:05.266Z',
    completedAt: '2026-01-02T03:04:17.901Z',
    durations: { totalMs: 12_635 },
  },
);

export const batchPlannedExample = exampleEvent(
  'flow-log-batch.planned.v1',
  {
    id: 'p-0123456789abcdef0123456789abcdef.planned',
    subject: 'flow-log-activator-dev-scheduled-batch',
    time: '2026-01-02T03:00:04.567Z',
  },
  {
    schedule: 'flow-log-activator-dev-scheduled-batch',
    scheduledAt: '2026-01-02T03:00:00.000Z',
    selector: {
      account: 'default',
      region: 'cn-beijing',
      project: 'network',
      tags: { env: ['prod', 'staging'], owner: true },
      status: ['Inactive'],
    },
    counts: { wouldActivate: 2, alreadyOpen: 1, alreadyActive: 0, frozen: 1, deleting: 0, otherStatus: 0 },
    ids: {
      wouldActivate: ['fl-2d6m9xk4q8zy85oxruvg1', 'fl-2d6m9xk4q8zy85oxruvg2'],
      alreadyOpen: ['fl-2d6m9xk4q8zy85oxruvg3'],
      alreadyActive: [],
      frozen: ['fl-2d6m9xk4q8zy85oxruvg4'],
      deleting: [],
      otherStatus: [],
    },
    more: false,
  },
);

export const flowLogDriftedExample = exampleEvent(
  'flow-log.drifted.v1',
  {
    id: `${exampleActivation.activationId}.1.drifted`,
    subject: exampleActivation.flowLogId,
    time: '2026-01-05T06:00:01.234Z',
  },
  {
    ...exampleActivation,
    completedAt: '2026-01-02T03:04:17.901Z',
    ordinal: 1,
    kind: 'frozen',
    status: 'Inactive',
    lockReason: 'financial',
    detectedAt: '2026-01-05T06:00:01.234Z',
  },
);

/** The fields of the deactivation in the examples. */
const exampleDeactivation = {
  ...exampleActivation,
  activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-89abcdef0123456789abcdef01234567',
  batchIds: ['b-89abcdef0123456789abcdef01234567'],
  metadata: { ticket: 'OPS-2' },
};

export const deactivationSubmittedExample = exampleEvent(
  'flow-log-deactivation.submitted.v1',
  {
    id: `${exampleDeactivation.activationId}.1.submitted`,
    subject: exampleDeactivation.flowLogId,
    time: '2026-03-02T03:04:05.678Z',
  },
  {
    ...exampleDeactivation,
    attempts: 1,
    requestId: '20260302030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg3',
    durations: { queuedMs: 412, totalMs: 412 },
  },
);

export const deactivationCompletedExample = exampleEvent(
  'flow-log-deactivation.completed.v1',
  {
    id: `${exampleDeactivation.activationId}.1.completed`,
    subject: exampleDeactivation.flowLogId,
    time: '2026-03-02T03:04:17.901Z',
  },
  {
    ...exampleDeactivation,
    attempts: 1,
    adopted: false,
    requestId: '20260302030405A1B2C3D4E5F6A7B8C9D0',
    asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg3',
    durations: { queuedMs: 412, pendingMs: 12_223, totalMs: 12_635 },
  },
);

export const deactivationFailedExample = exampleEvent(
  'flow-log-deactivation.failed.v1',
  {
    id: `${exampleDeactivation.activationId}.1.failed`,
    subject: exampleDeactivation.flowLogId,
    time: '2026-03-02T03:04:05.900Z',
  },
  {
    ...exampleDeactivation,
    metadata: {},
    attempts: 1,
    reason: 'frozen',
    lastError: exampleError,
    redriveHelps: true,
    durations: { queuedMs: 222, totalMs: 222 },
  },
);

export const deactivationBatchCompletedExample = exampleEvent(
  'flow-log-deactivation-batch.completed.v1',
  {
    id: 'b-89abcdef0123456789abcdef01234567.completed',
    subject: 'b-89abcdef0123456789abcdef01234567',
    time: '2026-03-02T03:04:17.901Z',
  },
  {
    batchId: 'b-89abcdef0123456789abcdef01234567',
    source: 'api',
    metadata: { ticket: 'OPS-2' },
    total: 3,
    counts: { completed: 2, failed: 1 },
    adopted: 0,
    reasons: { frozen: 1 },
    createdAt: '2026-03-02T03:04:05.266Z',
    completedAt: '2026-03-02T03:04:17.901Z',
    durations: { totalMs: 12_635 },
  },
);

export const policyRunCompletedExample = exampleEvent(
  'flow-log-policy-run.completed.v1',
  {
    id: 'keep-active.20260102T030000Z.completed',
    subject: 'keep-active',
    time: '2026-01-02T03:00:31.014Z',
  },
  {
    policy: 'keep-active',
    runId: '20260102T030000Z',
    plannedAt: '2026-01-02T03:00:00.000Z',
    startedAt: '2026-01-02T03:00:12.345Z',
    finishedAt: '2026-01-02T03:00:31.014Z',
    desired: 'Active',
    repair: 'activate',
    windowOpen: true,
    counts: { compliant: 2963, gap: 2, excluded: 3, repaired: 31 },
    kinds: { frozen: 1, inactive: 1 },
    gaps: [
      {
        account: 'default',
        region: 'cn-beijing',
        flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
        name: 'prod-a',
        status: 'Inactive',
        kind: 'inactive',
        since: '2026-01-02T03:00:12.345Z',
        repair: 'activating',
        activationId: exampleActivation.activationId,
      },
      {
        account: 'default',
        region: 'cn-beijing',
        flowLogId: 'fl-2d6m9xk4q8zy85oxruvg4',
        name: 'prod-d',
        status: 'Inactive',
        lockReason: 'financial',
        kind: 'frozen',
        since: '2025-12-31T16:00:09.020Z',
        repair: 'impossible',
      },
    ],
    more: false,
    unread: [
      {
        account: 'security',
        region: 'cn-beijing',
        code: 'describe-failed',
        since: '2026-01-02T02:00:04.500Z',
      },
    ],
    unreadTotal: 1,
  },
);

export const deadLetterExample = {
  activationId: exampleActivation.activationId,
  generation: 1,
  reason: 'frozen',
  lastError: exampleError,
  attempts: 1,
  history: [
    { at: 1_767_323_045_266, generation: 1, attempt: 0, event: 'opened' },
    {
      at: 1_767_323_045_900,
      generation: 1,
      attempt: 1,
      event: 'failed: frozen',
      code: 'InvalidFlowLog.InvalidStatus',
      httpStatus: 400,
    },
  ],
  redriveHelps: true,
};

function exampleEvent<Type extends string, Data extends object>(
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
