import { activationIdSchema } from '../fields.ts';
import { activationRequestSchema } from '../requests/activation-request.ts';
import { listQuerySchema } from '../requests/list-query.ts';
import { bulkRedriveRequestSchema, redriveRequestSchema } from '../requests/redrive-request.ts';
import {
  type ActivationPageResponse,
  activationPageSchema,
  activationSchema,
  type BulkRedriveResponse,
  bulkRedriveSchema,
  requestedActivationsSchema,
} from '../responses/activation-responses.ts';
import { cancelled, completed, FLOW_LOG, failed, ID, queued, requested } from './activation-examples.ts';
import { BODY_PROBLEMS, batchLocation, idempotencyKey, type Operation, type Parameter } from './operation.ts';

const activationId: Parameter = {
  schema: activationIdSchema,
  description: 'The activation. Anything else than an id in this form is answered 404.',
  required: true,
};

export const ACTIVATION_OPERATIONS = {
  'POST /activations': {
    operationId: 'requestActivations',
    tag: 'Activations',
    summary: 'Ask for flow logs to be activated',
    description:
      'After 202 the request is stored: it will be carried out, and each activation ends in exactly one way, told by ' +
      'an event. A flow log has at most one open activation; a request for it meanwhile joins that one. A bad request ' +
      'names every bad field, and nothing of it is written.',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      required: true,
      content: {
        'application/json': {
          schema: activationRequestSchema,
          examples: {
            'Two flow logs': {
              flowLogIds: [FLOW_LOG, 'fl-3c7n8yk5r9az96pysvwh2'],
              metadata: { ticket: 'OPS-42' },
            },
            'Another region and account': {
              flowLogIds: [FLOW_LOG],
              region: 'cn-shanghai',
              account: 'security',
            },
          },
        },
      },
    },
    answers: {
      202: {
        description: 'Stored. Follow the batch, or wait for its events.',
        body: { schema: requestedActivationsSchema, examples: { 'One flow log': requested } },
        headers: batchLocation,
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'repeated-header',
      'idempotency-key-reused',
      'request-unfinished',
      'record-unreadable',
    ],
  },
  'GET /activations': {
    operationId: 'listActivations',
    tag: 'Activations',
    summary: 'List activations',
    description:
      'Newest first; those of a batch in the order of its request, joined ones included. `region` and `account` go ' +
      'with `flowLogId` only. The list lags behind writes by moments; a single activation does not. What cannot be read ' +
      'takes a place in a page too, in `unreadable`.',
    query: listQuerySchema,
    answers: {
      200: {
        description: 'A page of them.',
        body: {
          schema: activationPageSchema,
          examples: {
            'A page': {
              activations: [completed],
              nextCursor: 'MDAxNzY3MzIzMDQ1MjY2',
            } satisfies ActivationPageResponse,
          },
        },
      },
    },
    problems: ['invalid-content', 'batch-not-found', 'record-unreadable'],
  },
  'GET /activations/{activationId}': {
    operationId: 'readActivation',
    tag: 'Activations',
    summary: 'Read one activation',
    description: 'As it is stored now, with its history.',
    pathParameters: { activationId },
    answers: {
      200: {
        description: 'The activation.',
        body: { schema: activationSchema, examples: { Completed: completed, Failed: failed } },
      },
    },
    problems: ['activation-not-found', 'record-unreadable'],
  },
  'DELETE /activations/{activationId}': {
    operationId: 'cancelActivation',
    tag: 'Activations',
    summary: 'Cancel an activation',
    description:
      'Ends an activation that is queued and not being called: `failed` with reason `cancelled`, its event, no dead ' +
      'deadLetter. Repeating it answers the same.',
    pathParameters: { activationId },
    answers: {
      202: {
        description: 'Cancelled.',
        body: { schema: activationSchema, examples: { Cancelled: cancelled } },
      },
    },
    problems: ['activation-not-found', 'not-cancellable', 'store-contended', 'record-unreadable'],
  },
  'POST /activations/{activationId}/redrive': {
    operationId: 'redriveActivation',
    tag: 'Activations',
    summary: 'Open a failed activation again',
    description:
      'Opens it as its next generation, with new deadlines, after a look at DescribeFlowLogs: what is Active by now ' +
      'completes at once, what is still frozen, being deleted or absent is refused. Every batch that joined hears of ' +
      'the new end too.',
    pathParameters: { activationId },
    body: {
      required: false,
      content: {
        'application/json': {
          schema: redriveRequestSchema,
          examples: { 'Safe to repeat': { generation: 1 } },
        },
      },
    },
    answers: {
      202: {
        description: 'The activation as it now stands.',
        body: { schema: activationSchema, examples: { 'Queued again': queued } },
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'activation-not-found',
      'not-redrivable',
      'outbox-pending',
      'describe-failed',
      'store-contended',
      'record-unreadable',
    ],
  },
  'POST /dead-letters/redrive': {
    operationId: 'redriveFailed',
    tag: 'Activations',
    summary: 'Open many failed activations again',
    description:
      'Takes failed activations, newest first, until `limit` are queued or adopted, or its time is over. While `more` is ' +
      'true, send it again. Without a reason it leaves out what a person has cancelled. An account that gives no ' +
      'answer keeps no other waiting. The deadLetters stay in the dead-letter queue.',
    body: {
      required: false,
      content: {
        'application/json': {
          schema: bulkRedriveRequestSchema,
          examples: { 'All that were frozen': { reason: 'frozen', limit: 500 } },
        },
      },
    },
    answers: {
      202: {
        description: 'What became of them.',
        body: {
          schema: bulkRedriveSchema,
          examples: {
            'One is still frozen': {
              queued: 40,
              adopted: 1,
              refused: 1,
              refusals: [
                {
                  activationId: ID,
                  why: 'it cannot be redriven: the flow log is still frozen (FinancialLocked)',
                },
              ],
              more: false,
            } satisfies BulkRedriveResponse,
          },
        },
      },
    },
    problems: [...BODY_PROBLEMS, 'describe-failed'],
  },
} satisfies Record<string, Operation>;
