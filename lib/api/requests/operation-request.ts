import * as v from 'valibot';
import type { OperationAction, OperationFilter } from '../../activation/model/operation.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { jsonObject } from '../../http/json-object.ts';
import {
  accountSchema,
  batchIdSchema,
  creationTimes,
  creationTimesOf,
  onlyTrue,
  regionSchema,
  requestedReasonSchema,
} from '../fields.ts';
import { unknownField } from '../schema-helpers.ts';
import { flowLogIdsSchema } from './activation-request.ts';
import { parseIdempotent } from './idempotent-request.ts';

const LIMIT = 100_000;

const limitRule = `must be a whole number from 1 to ${LIMIT}`;

const scope = {
  all: v.optional(
    v.pipe(
      v.literal(true, onlyTrue),
      v.description('Every activation that the action can be for. It goes alone.'),
    ),
  ),
  account: v.optional(accountSchema),
  region: v.optional(regionSchema),
  flowLogIds: v.optional(
    v.pipe(
      flowLogIdsSchema,
      v.description(
        'Only the current activations of these. `account` defaults to `default`, `region` to the configured region.',
      ),
    ),
  ),
  batchId: v.optional(
    v.pipe(batchIdSchema, v.description('Only activations that this batch opened or joined.')),
  ),
  ...creationTimes,
};

const filterSchema = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    jsonObject('must be a JSON object'),
    v.strictObject(entries, unknownField),
    v.check((filter) => Object.keys(filter).length > 0, 'must have a field; {"all": true} for all'),
    v.check((filter) => !('all' in filter) || Object.keys(filter).length === 1, 'has all, which goes alone'),
    v.metadata({
      description: 'Which activations: those for which each of its fields holds.',
      minProperties: 1,
      dependentSchemas: { all: { maxProperties: 1 } },
    }),
  );

const redriveFilterSchema = filterSchema({
  ...scope,
  reason: v.optional(
    v.pipe(
      requestedReasonSchema,
      v.description(
        'Only activations that failed for this reason. Without it: all reasons except `cancelled`.',
      ),
    ),
  ),
});

const waitingFilterSchema = filterSchema({
  ...scope,
  held: v.optional(
    v.pipe(
      v.literal(true, onlyTrue),
      v.description('Only those on hold: credentials, permissions or the endpoint.'),
    ),
  ),
});

const limitSchema = v.optional(
  v.pipe(
    v.number(limitRule),
    v.integer(limitRule),
    v.minValue(1, limitRule),
    v.maxValue(LIMIT, limitRule),
    v.description('The operation ends when so many are done.'),
  ),
);

export const operationRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.variant(
    'action',
    [
      v.strictObject(
        { action: v.literal('redrive'), filter: redriveFilterSchema, limit: limitSchema },
        unknownField,
      ),
      v.strictObject(
        { action: v.picklist(['cancel', 'retry-now']), filter: waitingFilterSchema, limit: limitSchema },
        unknownField,
      ),
    ],
    'must be one of redrive, cancel, retry-now',
  ),
  v.description(
    '`redrive` is for failed activations, `cancel` for queued ones, `retry-now` for queued ones that wait after a call ' +
      'that did not succeed.',
  ),
);

export type OperationRequestBody = {
  action: OperationAction;
  filter: OperationFilter;
  limit?: number;
  idempotencyKey?: string;
};

/** Throws the 422 Problem that names every bad field. */
export function parseOperationRequest(
  body: unknown,
  idempotencyKey: string | undefined,
  { region }: { region: string },
): OperationRequestBody {
  const { content, idempotency } = parseIdempotent(operationRequestSchema, body, idempotencyKey);
  const { action, filter, limit } = content;
  const { all: _, createdFrom: _from, createdUntil: _until, flowLogIds, ...rest } = filter;
  const ofFlowLogs = flowLogIds && {
    account: rest.account ?? DEFAULT_ACCOUNT,
    region: rest.region ?? region,
    flowLogIds: [...new Set(flowLogIds)],
  };
  return {
    action,
    filter: { ...rest, ...ofFlowLogs, ...creationTimesOf(filter) },
    ...(limit !== undefined && { limit }),
    ...idempotency,
  };
}

const cursorRule = 'is not one of this list';

export const operationQuerySchema = v.strictObject(
  {
    cursor: v.optional(
      v.pipe(
        v.string(cursorRule),
        v.regex(/^[1-9]\d{0,5}$/, cursorRule),
        v.description('`nextCursor` of the previous page of refusals.'),
      ),
    ),
  },
  'is not a parameter of this operation',
);
