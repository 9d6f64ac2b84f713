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
import {
  cancelled,
  completed,
  FLOW_LOG,
  failed,
  held,
  ID,
  queued,
  requested,
} from './activation-examples.ts';
import { BODY_PROBLEMS, batchLocation, idempotencyKey, type Operation, type Parameter } from './operation.ts';

const activationId: Parameter = {
  schema: activationIdSchema,
  description: 'The activation. A value that does not have this form gets 404.',
  required: true,
};

export const ACTIVATION_OPERATIONS = {
  'POST /activations': {
    operationId: 'requestActivations',
    tag: 'Activations',
    summary: 'Ask for flow logs to be activated',
    description:
      'After 202 the request is stored and will be finished. Each activation ends in exactly one way, and an event ' +
      'reports it. A flow log has at most one open activation; another request for it joins that activation. The ' +
      'response to a bad request names every bad field; nothing is written.',
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
    responses: {
      202: {
        description: 'Stored. Follow the batch, or wait for its events.',
        body: { schema: requestedActivationsSchema, examples: { 'One flow log': requested } },
        headers: batchLocation,
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'opposite-request-open',
      'repeated-header',
      'idempotency-key-reused',
      'request-unfinished',
      'configuration-unread',
      'record-unreadable',
    ],
  },
  'POST /deactivations': {
    operationId: 'requestDeactivations',
    tag: 'Activations',
    summary: 'Ask for flow logs to be switched off',
    description:
      'As POST /activations, in the other direction: each flow log is called with DeactiveFlowLog, and the deactivation ' +
      'is completed when DescribeFlowLogs shows it Inactive. From then on it collects no logs. Refused unless the ' +
      'deployment allows deactivations. Everything else that is done with an activation is done with a deactivation too, ' +
      'by its id. An idempotency key of an activation is another key.',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      required: true,
      content: {
        'application/json': {
          schema: activationRequestSchema,
          examples: { 'One flow log': { flowLogIds: [FLOW_LOG], metadata: { ticket: 'OPS-43' } } },
        },
      },
    },
    responses: {
      202: {
        description: 'Stored. Follow the batch, or wait for its events.',
        body: { schema: requestedActivationsSchema, examples: { 'One flow log': requested } },
        headers: batchLocation,
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'deactivation-disabled',
      'opposite-request-open',
      'repeated-header',
      'idempotency-key-reused',
      'request-unfinished',
      'configuration-unread',
      'record-unreadable',
    ],
  },
  'GET /activations': {
    operationId: 'listActivations',
    tag: 'Activations',
    summary: 'List activations',
    description:
      'Newest first. The activations of a batch come in the order of its request and include those that it joined. ' +
      'All that the parameters say must hold. A page may be shorter than `limit`, or empty, and still have a next page. ' +
      'With `flowLogId`, the account and the region have defaults; without it, all are listed. The list lags a moment ' +
      'behind writes; a single activation does not. An unreadable record also counts towards the page, in `unreadable`.',
    query: listQuerySchema,
    responses: {
      200: {
        description: 'A page of activations.',
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
    description: 'Returns the activation as it is stored now, with its history.',
    pathParameters: { activationId },
    responses: {
      200: {
        description: 'The activation.',
        body: {
          schema: activationSchema,
          examples: { Completed: completed, 'On hold': held, Failed: failed },
        },
      },
    },
    problems: ['activation-not-found', 'record-unreadable'],
  },
  'DELETE /activations/{activationId}': {
    operationId: 'cancelActivation',
    tag: 'Activations',
    summary: 'Cancel an activation',
    description:
      'Ends an activation that is queued and for which no call is under way. It becomes `failed` with reason ' +
      '`cancelled`. The failed event is published; no dead letter is sent. A repeated request gets the same response.',
    pathParameters: { activationId },
    responses: {
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
      'Calls DescribeFlowLogs first. If the flow log is Active by now, the activation completes at once. If it is still ' +
      'frozen, being deleted or absent, the redrive is refused. Otherwise the activation opens again as its next ' +
      'generation, with new deadlines. The event of the new end names every batch that joined.',
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
    responses: {
      202: {
        description: 'The activation as it is now.',
        body: { schema: activationSchema, examples: { 'Queued again': queued } },
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'activation-not-found',
      'deactivation-disabled',
      'not-redrivable',
      'account-paused',
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
      'Redrives failed activations, newest first, until `limit` are queued or adopted, or its time is over. While `more` ' +
      'is true, send the request again. Without a `reason` it skips cancelled activations. An account that does not ' +
      'respond delays no other account. The dead letters stay in the dead-letter queue.',
    body: {
      required: false,
      content: {
        'application/json': {
          schema: bulkRedriveRequestSchema,
          examples: { 'All that were frozen': { reason: 'frozen', limit: 500 } },
        },
      },
    },
    responses: {
      202: {
        description: 'The result for the activations.',
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
