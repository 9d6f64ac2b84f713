import { accountSchema } from '../fields.ts';
import { pauseRequestSchema } from '../requests/pause-request.ts';
import { type PauseResponse, pauseSchema } from '../responses/pause-response.ts';
import { BODY_PROBLEMS, type Operation, type Parameter } from './operation.ts';

const alias: Parameter = {
  schema: accountSchema,
  description: 'The alias of the account. One that is not configured gets 404.',
  required: true,
};

const paused = {
  account: 'default',
  paused: true,
  since: '2026-01-02T03:04:05.266Z',
  by: 'arn:aws:sts::123456789012:assumed-role/ops/alice',
  why: 'OPS-42: Volcengine changes our quota',
} satisfies PauseResponse;

export const ACCOUNT_OPERATIONS = {
  'PUT /accounts/{alias}/pause': {
    operationId: 'pauseAccount',
    tag: 'Accounts',
    summary: 'Pause an account',
    description:
      'From now on nothing is called for the account: no ActiveFlowLog, no DescribeFlowLogs, in no function. A call that ' +
      'has begun, or begins within a second, is still made. Requests for flow logs are taken and wait; no deadline ends ' +
      'them meanwhile. Redrives and selectors get `account-paused`. A repeated request changes nothing: the first one ' +
      'stays with its `since`, `by` and `why`.',
    pathParameters: { alias },
    body: {
      required: false,
      content: {
        'application/json': {
          schema: pauseRequestSchema,
          examples: { 'With a reason': { why: 'OPS-42: Volcengine changes our quota' } },
        },
      },
    },
    responses: {
      200: { description: 'It is paused.', body: { schema: pauseSchema, examples: { Paused: paused } } },
    },
    problems: [...BODY_PROBLEMS, 'account-not-found', 'configuration-unread', 'store-contended'],
  },
  'DELETE /accounts/{alias}/pause': {
    operationId: 'resumeAccount',
    tag: 'Accounts',
    summary: 'Resume an account',
    description:
      'What waits goes on within half a minute, at the rate of the account. An activation whose deadline passed during ' +
      'the pause is described first: it completes if its flow log is Active, and fails otherwise. A repeated request ' +
      'changes nothing.',
    pathParameters: { alias },
    responses: {
      200: {
        description: 'It is not paused.',
        body: {
          schema: pauseSchema,
          examples: { Resumed: { account: 'default', paused: false } satisfies PauseResponse },
        },
      },
    },
    problems: ['account-not-found', 'configuration-unread', 'store-contended'],
  },
} satisfies Record<string, Operation>;
