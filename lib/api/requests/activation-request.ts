import * as v from 'valibot';
import type { FlowLogRef } from '../../activation/model/activation.ts';
import { ACCOUNT_ALIAS, FLOW_LOG_ID, REGION, REGION_LIMIT } from '../../activation/model/ids.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { jsonObject, unknownField } from '../schema-helpers.ts';
import { checkAccount, type RequestDefaults } from './account-check.ts';
import { parseKeyed } from './idempotent-request.ts';

const FLOW_LOG_IDS_LIMIT = 1_000;
const METADATA_LIMIT_BYTES = 4_096;

const regionRule = 'must be a region such as cn-beijing';

export const flowLogIdSchema = v.pipe(
  v.string('must be a string'),
  v.regex(FLOW_LOG_ID, 'must be 1 to 64 letters, digits or hyphens'),
  v.description("Volcengine's id of a flow log."),
  v.examples(['fl-2d6m9xk4q8zy85oxruvg1']),
);
export const regionSchema = v.pipe(
  v.string('must be a string'),
  v.maxLength(REGION_LIMIT, regionRule),
  v.regex(REGION, regionRule),
  v.description('A Volcengine region. One that nobody knows is refused, unless the configuration names it.'),
  v.examples(['cn-beijing']),
);
export const accountSchema = v.pipe(
  v.string('must be a string'),
  v.regex(ACCOUNT_ALIAS, 'must be an account alias of letters, digits, - or _'),
  v.description('The alias of a configured Volcengine account; never an account number.'),
  v.examples(['default']),
);

/** What every store and JSON parser keeps as it is; DynamoDB knows no empty attribute name. */
const isPlainText = (value: string, index: number) =>
  value.isWellFormed() && (index % 2 === 1 || value !== '');

/** `v.record` leaves these out without a word. */
const LOST_KEYS = ['__proto__', 'constructor', 'prototype'];
const isLostKey = (key: string) => LOST_KEYS.includes(key);

export const flowLogIdsSchema = v.pipe(
  v.array(flowLogIdSchema, 'must be a list of flow log ids'),
  v.minLength(1, 'must name at least one flow log'),
  v.maxLength(FLOW_LOG_IDS_LIMIT, `must name at most ${FLOW_LOG_IDS_LIMIT} flow logs`),
  v.description('The flow logs to activate. An id given twice counts once.'),
);

export const metadataSchema = v.pipe(
  jsonObject('must be an object of strings'),
  v.check((metadata) => !Object.keys(metadata).some(isLostKey), 'must not have keys that objects have'),
  v.record(v.string(), v.string('must be a string')),
  v.check(
    (metadata) => Object.entries(metadata).flat().every(isPlainText),
    'must have keys, and no broken Unicode',
  ),
  v.check(
    (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_LIMIT_BYTES,
    `must be at most ${METADATA_LIMIT_BYTES} bytes of JSON`,
  ),
  v.metadata({
    description:
      `Strings of your own, at most ${METADATA_LIMIT_BYTES} bytes as JSON, in well-formed Unicode. They come back ` +
      'in the activation and in its events.',
    propertyNames: { type: 'string', minLength: 1, not: { enum: LOST_KEYS } },
    examples: [{ ticket: 'OPS-42' }],
  }),
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
    'What to activate. Without `region` the configured one is meant, without `account` the account `default`.',
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
  const { content, keyed } = parseKeyed(activationRequestSchema, body, idempotencyKey);

  const { flowLogIds, region = defaults.region, account = DEFAULT_ACCOUNT, metadata = {} } = content;
  checkAccount(defaults, account, region);
  return {
    flowLogs: flowLogIds.map((flowLogId) => ({ account, region, flowLogId })),
    metadata,
    ...keyed,
  };
}
