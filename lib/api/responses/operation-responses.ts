import * as v from 'valibot';
import { OPERATION_ACTIONS, OPERATION_STATUSES, type Operation } from '../../activation/model/operation.ts';
import { FAILURE_REASONS } from '../../activation/model/outcome.ts';
import {
  accountSchema,
  activationIdSchema,
  batchIdSchema,
  countSchema,
  flowLogIdSchema,
  operationIdSchema,
  principalSchema,
  regionSchema,
  timeSchema,
} from '../fields.ts';
import { iso, isoIfAny } from './iso-time.ts';

export const operationStatusSchema = v.pipe(
  v.picklist(OPERATION_STATUSES),
  v.description('`aborted`: it takes nothing more in hand. It has ended when it has `finishedAt`.'),
);

const filterSchema = v.pipe(
  v.object({
    all: v.optional(v.literal(true)),
    reason: v.optional(v.picklist(FAILURE_REASONS)),
    account: v.optional(accountSchema),
    region: v.optional(regionSchema),
    flowLogIds: v.optional(v.array(flowLogIdSchema)),
    batchId: v.optional(batchIdSchema),
    held: v.optional(v.literal(true)),
    createdFrom: v.optional(timeSchema),
    createdUntil: v.optional(timeSchema),
  }),
  v.description('As it was requested. Activations that were created after the operation do not match.'),
);

const summary = {
  operationId: operationIdSchema,
  action: v.picklist(OPERATION_ACTIONS),
  filter: filterSchema,
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  status: operationStatusSchema,
  requestedBy: v.pipe(principalSchema, v.description('Who requested it. Each of its writes names the same.')),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  finishedAt: v.optional(v.pipe(timeSchema, v.description('Since when it does nothing more.'))),
  abortedBy: v.optional(principalSchema),
  looked: v.pipe(
    countSchema,
    v.description('Activations that it has read so far, also those that do not match.'),
  ),
  done: v.pipe(countSchema, v.description('Redriven, cancelled, or planned to be called now.')),
  refused: v.pipe(
    countSchema,
    v.description('Not changed: the action is not possible. `refusals` says why.'),
  ),
};

export const operationSummarySchema = v.pipe(
  v.object(summary),
  v.description('One action for many activations, and how far it is.'),
);
export type OperationSummaryResponse = v.InferOutput<typeof operationSummarySchema>;

export const operationSchema = v.object({
  ...summary,
  refusals: v.pipe(
    v.array(v.object({ activationId: activationIdSchema, why: v.string() })),
    v.description('A page of the refused activations, each with a reason for people to read.'),
  ),
  nextCursor: v.optional(
    v.pipe(v.string(), v.description('The `cursor` of the next page of refusals. Absent if there is none.')),
  ),
});
export type OperationResponse = v.InferOutput<typeof operationSchema>;

export const requestedOperationSchema = v.object({
  operationId: operationIdSchema,
  status: operationStatusSchema,
});
export type RequestedOperationResponse = v.InferOutput<typeof requestedOperationSchema>;

export const operationListSchema = v.object({
  operations: v.pipe(v.array(operationSummarySchema), v.maxLength(50), v.description('The newest 50.')),
});
export type OperationListResponse = v.InferOutput<typeof operationListSchema>;

export function operationView(operation: Operation): OperationSummaryResponse {
  const { operationId, action, filter, limit, status, requestedBy, abortedBy } = operation;
  const { looked, done, refused, createdAt, updatedAt, finishedAt } = operation;
  const { createdFrom, createdUntil, ...rest } = filter;
  const isAll = Object.keys(filter).length === 0;
  return {
    operationId,
    action,
    filter: {
      ...(isAll && { all: true }),
      ...rest,
      createdFrom: isoIfAny(createdFrom),
      createdUntil: isoIfAny(createdUntil),
    },
    limit,
    status,
    requestedBy,
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
    finishedAt: isoIfAny(finishedAt),
    abortedBy,
    looked,
    done,
    refused,
  };
}
