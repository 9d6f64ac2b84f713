import type { ActivationResponse, RequestedActivationsResponse } from '../responses/activation-responses.ts';

const BATCH = 'b-0123456789abcdef0123456789abcdef';
export const FLOW_LOG = 'fl-2d6m9xk4q8zy85oxruvg1';
export const ID = `default.cn-beijing.${FLOW_LOG}.${BATCH}`;

export const requested = {
  batchId: BATCH,
  activations: [
    {
      activationId: ID,
      flowLogId: FLOW_LOG,
      region: 'cn-beijing',
      account: 'default',
      status: 'queued',
      joined: false,
    },
  ],
} satisfies RequestedActivationsResponse;

export const queued = {
  activationId: ID,
  flowLogId: FLOW_LOG,
  region: 'cn-beijing',
  account: 'default',
  status: 'queued',
  generation: 2,
  attempts: 0,
  batchIds: [BATCH],
  source: 'api',
  metadata: { ticket: 'OPS-42' },
  createdAt: '2026-01-02T03:04:05.266Z',
  updatedAt: '2026-01-02T04:04:05.266Z',
  queuedAt: '2026-01-02T04:04:05.266Z',
  nextAttemptAt: '2026-01-02T04:04:05.266Z',
  deadlineAt: '2026-01-03T04:04:05.266Z',
  history: [
    { at: '2026-01-02T03:04:05.266Z', generation: 1, attempt: 0, event: 'opened' },
    {
      at: '2026-01-02T03:04:05.678Z',
      generation: 1,
      attempt: 1,
      event: 'failed: frozen',
      code: 'InvalidFlowLog.InvalidStatus',
      httpStatus: 400,
    },
    { at: '2026-01-02T04:04:05.266Z', generation: 2, attempt: 0, event: 'redriven' },
  ],
} satisfies ActivationResponse;

export const failed = {
  ...queued,
  nextAttemptAt: undefined,
  published: [
    { event: 'failed', generation: 1, at: '2026-01-02T03:04:05.801Z' },
    { event: 'dead-letter', generation: 1, at: '2026-01-02T03:04:05.801Z' },
  ],
  status: 'failed',
  generation: 1,
  attempts: 1,
  reason: 'frozen',
  lastError: {
    code: 'InvalidFlowLog.InvalidStatus',
    message: 'The flow log is in freeze.',
    httpStatus: 400,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
  },
  updatedAt: '2026-01-02T03:04:05.678Z',
  queuedAt: '2026-01-02T03:04:05.266Z',
  finishedAt: '2026-01-02T03:04:05.678Z',
  deadlineAt: '2026-01-03T03:04:05.266Z',
  history: queued.history.slice(0, 2),
} satisfies ActivationResponse;

export const completed = {
  ...failed,
  status: 'completed',
  reason: undefined,
  lastError: undefined,
  drift: { kind: 'frozen', status: 'Inactive', detectedAt: '2026-01-09T03:00:12.345Z' },
  published: [
    { event: 'submitted', generation: 1, at: '2026-01-02T03:04:06.012Z' },
    { event: 'completed', generation: 1, at: '2026-01-02T03:04:17.955Z' },
    { event: 'drifted', generation: 1, at: '2026-01-09T03:00:13.021Z' },
  ],
  requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
  asyncTaskId: 'task-2d6m9xk4q8zy85oxruvg2',
  adopted: false,
  updatedAt: '2026-01-02T03:04:17.901Z',
  pendingAt: '2026-01-02T03:04:05.678Z',
  finishedAt: '2026-01-02T03:04:17.901Z',
  history: [
    { at: '2026-01-02T03:04:05.266Z', generation: 1, attempt: 0, event: 'opened' },
    { at: '2026-01-02T03:04:05.678Z', generation: 1, attempt: 1, event: 'accepted' },
    { at: '2026-01-02T03:04:17.901Z', generation: 1, attempt: 1, event: 'completed' },
  ],
} satisfies ActivationResponse;

export const held = {
  ...queued,
  generation: 1,
  attempts: 14,
  held: { since: '2026-01-02T03:04:05.678Z', code: 'InvalidAccessKey' },
  lastError: { code: 'InvalidAccessKey', message: 'The access key does not exist.', httpStatus: 401 },
  nextAttemptAt: '2026-01-02T04:09:05.266Z',
  queuedAt: '2026-01-02T03:04:05.266Z',
  deadlineAt: '2026-01-03T03:04:05.266Z',
  history: [
    { at: '2026-01-02T03:04:05.266Z', generation: 1, attempt: 0, event: 'opened' },
    {
      at: '2026-01-02T03:04:05.678Z',
      generation: 1,
      attempt: 1,
      event: 'hold',
      code: 'InvalidAccessKey',
      httpStatus: 401,
    },
    {
      at: '2026-01-02T04:04:05.266Z',
      generation: 1,
      attempt: 14,
      event: 'hold',
      code: 'InvalidAccessKey',
      httpStatus: 401,
    },
  ],
} satisfies ActivationResponse;

export const cancelled = {
  ...failed,
  published: [{ event: 'failed', generation: 1, at: '2026-01-02T03:04:05.801Z' }],
  attempts: 0,
  reason: 'cancelled',
  lastError: undefined,
  history: [
    { at: '2026-01-02T03:04:05.266Z', generation: 1, attempt: 0, event: 'opened' },
    { at: '2026-01-02T03:04:05.678Z', generation: 1, attempt: 0, event: 'failed: cancelled' },
  ],
} satisfies ActivationResponse;
