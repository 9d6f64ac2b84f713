import * as v from 'valibot';
import { eachCategory } from '../../activation/batches/plan.ts';
import { batchIdSchema, planIdSchema } from '../fields.ts';
import { batchRequestSchema } from '../requests/batch-request.ts';
import {
  type BatchResponse,
  batchSchema,
  type PlanResponse,
  planSchema,
  type StartedPlanResponse,
  type StoredPlanResponse,
  startedPlanSchema,
  storedPlanSchema,
} from '../responses/batch-responses.ts';
import { BODY_PROBLEMS, idempotencyKey, type Operation } from './operation.ts';

const PLAN = 'p-0123456789abcdef0123456789abcdef';

const counts = { ...eachCategory(() => 0), wouldActivate: 2, alreadyOpen: 1, frozen: 1 };

const plan = {
  planId: PLAN,
  selector: {
    account: 'default',
    region: 'cn-beijing',
    project: 'network',
    tags: { env: ['prod', 'staging'], owner: true },
    status: ['Inactive'],
  },
  counts,
  ids: {
    ...eachCategory(() => []),
    wouldActivate: ['fl-2d6m9xk4q8zy85oxruvg1', 'fl-2d6m9xk4q8zy85oxruvg2'],
    alreadyOpen: ['fl-2d6m9xk4q8zy85oxruvg3'],
    frozen: ['fl-2d6m9xk4q8zy85oxruvg4'],
  },
  more: false,
} satisfies PlanResponse;

const started = {
  planId: PLAN,
  counts,
  batches: [{ batchId: 'b-0123456789abcdef0123456789abcdef', total: 3 }],
} satisfies StartedPlanResponse;

const stored = {
  ...plan,
  createdAt: '2026-01-02T03:04:05.266Z',
  requestedBy: 'arn:aws:sts::123456789012:assumed-role/pipeline/deploy',
  execution: {
    at: '2026-01-02T03:14:05.266Z',
    source: 'api',
    requestedBy: 'arn:aws:sts::123456789012:assumed-role/ops/alice',
    batchIds: ['b-0123456789abcdef0123456789abcdef'],
  },
} satisfies StoredPlanResponse;

const nothingToStart = {
  planId: PLAN,
  counts: { ...counts, wouldActivate: 0, alreadyOpen: 0 },
  batches: [],
} satisfies StartedPlanResponse;

export const BATCH_OPERATIONS = {
  'POST /batches': {
    operationId: 'startBatch',
    tag: 'Batches',
    summary: 'Activate what a selector matches, or execute a plan',
    description:
      'With a `selector`: finds the flow logs at Volcengine, stores the plan, and starts exactly this plan, in batches ' +
      'of at most 1,000. With `dryRun` as well: stores the plan and starts nothing. With a `planId`: finds the flow logs ' +
      'again, and starts the plan if it would still start the same ones. A repeated request continues a plan that has ' +
      'begun. Flow logs that are frozen or being deleted are listed, but not activated.',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      required: true,
      content: {
        'application/json': {
          schema: batchRequestSchema,
          examples: {
            'By tags': { selector: { project: 'network', tags: { env: ['prod', 'staging'], owner: true } } },
            'Dry run': { selector: { vpcId: 'vpc-2d6m9xk4q8zy', name: 'prod-*' }, dryRun: true },
            'Execute a plan': { planId: PLAN, metadata: { ticket: 'OPS-42' } },
          },
        },
      },
    },
    responses: {
      200: {
        description: 'The plan of a dry run. An empty list of batches means that there is nothing to start.',
        body: {
          schema: v.union([planSchema, startedPlanSchema]),
          examples: { Plan: plan, 'Nothing to start': nothingToStart },
        },
      },
      202: {
        description: 'Started. Follow the batches, or wait for their events.',
        body: { schema: startedPlanSchema, examples: { Started: started } },
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'repeated-header',
      'idempotency-key-reused',
      'selection-too-large',
      'configuration-unread',
      'selector-refused',
      'scope-refused',
      'plan-not-found',
      'account-paused',
      'plan-outdated',
      'plan-executed',
      'request-unfinished',
      'describe-failed',
      'record-unreadable',
    ],
  },
  'GET /batches/{batchId}': {
    operationId: 'readBatch',
    tag: 'Batches',
    summary: 'See how far a batch is',
    description:
      'Counts the activations that the batch opened and those it joined. A batch is kept for 90 days.',
    pathParameters: {
      batchId: {
        schema: batchIdSchema,
        description: 'The batch. A value that does not have this form gets 404.',
        required: true,
      },
    },
    responses: {
      200: {
        description: 'The batch.',
        body: {
          schema: batchSchema,
          examples: {
            'On its way': {
              batchId: 'b-0123456789abcdef0123456789abcdef',
              total: 3,
              counts: { queued: 0, pending: 1, completed: 1, failed: 1 },
              done: false,
            } satisfies BatchResponse,
          },
        },
      },
    },
    problems: ['batch-not-found', 'record-unreadable'],
  },
  'GET /plans/{planId}': {
    operationId: 'readPlan',
    tag: 'Batches',
    summary: 'Read a plan',
    description:
      'What the selector matched when the plan was made, and whether it was executed. A plan is kept for 90 days.',
    pathParameters: {
      planId: {
        schema: planIdSchema,
        description: 'The plan. A value that does not have this form gets 404.',
        required: true,
      },
    },
    responses: {
      200: {
        description: 'The plan.',
        body: { schema: storedPlanSchema, examples: { Executed: stored } },
      },
    },
    problems: ['plan-not-found', 'record-unreadable'],
  },
} satisfies Record<string, Operation>;
