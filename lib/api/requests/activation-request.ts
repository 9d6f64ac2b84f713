import * as v from 'valibot';
import type { FlowLogRef } from '../../activation/model/activation.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { jsonObject } from '../../http/json-object.ts';
import { accountSchema, flowLogIdSchema, metadataSchema, regionSchema } from '../fields.ts';
import { unknownField } from '../schema-helpers.ts';
import { checkAccount, type RequestDefaults } from './account-check.ts';
import { parseIdempotent } from './idempotent-request.ts';

const FLOW_LOG_IDS_LIMIT = 1_000;

export const flowLogIdsSchema = v.pipe(
  v.array(flowLogIdSchema, 'must be a list of flow log ids'),
  v.minLength(1, 'must name at least one flow log'),
  v.maxLength(FLOW_LOG_IDS_LIMIT, `must name at most ${FLOW_LOG_IDS_LIMIT} flow logs`),
  v.description('The flow logs. An id given twice counts once.'),
);

export const activationRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      flowLogIds: flowLogIdsSchema,
      region: v.optional(regionSchema),
      account: v.optional(accountSchema),
      metadata: v.optional(metadataSchema),
    },
    unknownField,
  ),
  v.description(
    'What to activate, or to deactivate. `region` defaults to the configured region, `account` to `default`.',
  ),
);

export type ActivationRequestBody = {
  flowLogs: FlowLogRef[];
  metadata: Record<string, string>;
  idempotencyKey?: string;
};

/** Throws the 422 Problem that names every bad field. */
export function parseActivationRequest(
  body: unknown,
  idempotencyKey: string | undefined,
  defaults: RequestDefaults,
): ActivationRequestBody {
  const { content, idempotency } = parseIdempotent(activationRequestSchema, body, idempotencyKey);

  const { flowLogIds, region = defaults.region, account = DEFAULT_ACCOUNT, metadata = {} } = content;
  checkAccount(defaults, account, region);
  return {
    flowLogs: flowLogIds.map((flowLogId) => ({ account, region, flowLogId })),
    metadata,
    ...idempotency,
  };
}
