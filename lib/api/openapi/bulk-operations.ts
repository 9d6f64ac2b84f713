import * as v from 'valibot';
import { operationIdSchema } from '../fields.ts';
import { operationQuerySchema, operationRequestSchema } from '../requests/operation-request.ts';
import {
  type OperationListResponse,
  type OperationResponse,
  type OperationSummaryResponse,
  operationListSchema,
  operationSchema,
  operationSummarySchema,
  type RequestedOperationResponse,
  requestedOperationSchema,
} from '../responses/operation-responses.ts';
import { ID } from './activation-examples.ts';
import { BODY_PROBLEMS, type Header, idempotencyKey, type Operation, type Parameter } from './operation.ts';

const OPERATION = 'o-0123456789abcdef0123456789abcdef';

const operationId: Parameter = {
  schema: operationIdSchema,
  description: 'The operation. A value that does not have this form gets 404.',
  required: true,
};

const operationLocation: Record<string, Header> = {
  Location: {
    schema: v.pipe(v.string(), v.regex(/^\/operations\/o-[a-f0-9]{32}$/)),
    description: 'The operation.',
  },
};

const running = {
  operationId: OPERATION,
  action: 'redrive',
  filter: { reason: 'frozen', account: 'default' },
  status: 'running',
  requestedBy: 'arn:aws:sts::123456789012:assumed-role/ops/alice',
  createdAt: '2026-01-02T03:04:05.266Z',
  updatedAt: '2026-01-02T03:04:09.912Z',
  looked: 400,
  done: 297,
  refused: 3,
} satisfies OperationSummaryResponse;

const aborted = {
  ...running,
  status: 'aborted',
  abortedBy: 'arn:aws:sts::123456789012:assumed-role/ops/bob',
  finishedAt: '2026-01-02T03:04:11.020Z',
} satisfies OperationSummaryResponse;

export const BULK_OPERATIONS = {
  'POST /operations': {
    operationId: 'startOperation',
    tag: 'Operations',
    summary: 'Redrive, cancel or retry many activations',
    description:
      'After 202 the operation is stored. The poller carries it out in slices of up to 100 activations, newest first: it ' +
      'decides each activation on its own, once in a generation, and lists each refusal with a reason. `redrive` asks ' +
      'DescribeFlowLogs first, as `POST /activations/{activationId}/redrive` does. `cancel` does the same as `DELETE ' +
      '/activations/{activationId}`. `retry-now` plans the next call for the next turns of the account. A redrive ' +
      'without a `reason` skips cancelled activations. What was created after the operation does not match.',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      required: true,
      content: {
        'application/json': {
          schema: operationRequestSchema,
          examples: {
            'Redrive what was frozen': {
              action: 'redrive',
              filter: { reason: 'frozen', account: 'default' },
            },
            'Cancel a batch': {
              action: 'cancel',
              filter: { batchId: 'b-0123456789abcdef0123456789abcdef' },
            },
            'Retry what is on hold': { action: 'retry-now', filter: { held: true }, limit: 500 },
            'Redrive all': { action: 'redrive', filter: { all: true } },
          },
        },
      },
    },
    responses: {
      202: {
        description: 'Stored. A repeated request gets the same id, with the status of now.',
        body: {
          schema: requestedOperationSchema,
          examples: {
            Stored: { operationId: OPERATION, status: 'running' } satisfies RequestedOperationResponse,
          },
        },
        headers: operationLocation,
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'repeated-header',
      'idempotency-key-reused',
      'batch-not-found',
      'record-unreadable',
    ],
  },
  'GET /operations': {
    operationId: 'listOperations',
    tag: 'Operations',
    summary: 'List the newest operations',
    description: 'The newest 50, without their refusals. The list lags a moment behind writes.',
    responses: {
      200: {
        description: 'The operations.',
        body: {
          schema: operationListSchema,
          examples: { 'One runs': { operations: [running] } satisfies OperationListResponse },
        },
      },
    },
    problems: [],
  },
  'GET /operations/{operationId}': {
    operationId: 'readOperation',
    tag: 'Operations',
    summary: 'See how far an operation is',
    description: 'With a page of its refusals. An operation is kept for 90 days.',
    pathParameters: { operationId },
    query: operationQuerySchema,
    responses: {
      200: {
        description: 'The operation.',
        body: {
          schema: operationSchema,
          examples: {
            'On its way': {
              ...running,
              refusals: [
                {
                  activationId: ID,
                  why: 'it cannot be redriven: the flow log is still frozen (FinancialLocked)',
                },
              ],
              nextCursor: '6',
            } satisfies OperationResponse,
          },
        },
      },
    },
    problems: ['invalid-content', 'operation-not-found', 'record-unreadable'],
  },
  'DELETE /operations/{operationId}': {
    operationId: 'abortOperation',
    tag: 'Operations',
    summary: 'Abort an operation',
    description:
      'It takes nothing more in hand. What is done stays done. A slice that is being carried out ends first; the operation ' +
      'has ended when it has `finishedAt`. An operation that has ended stays as it is. A repeated request changes nothing.',
    pathParameters: { operationId },
    responses: {
      202: {
        description: 'The operation as it is now.',
        body: { schema: operationSummarySchema, examples: { Aborted: aborted } },
      },
    },
    problems: ['operation-not-found', 'store-contended', 'record-unreadable'],
  },
} satisfies Record<string, Operation>;
