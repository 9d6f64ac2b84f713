import * as v from 'valibot';
import type { FlowLogRef } from '../../lib/activation/activation.ts';
import { ACCOUNT_ALIAS, FLOW_LOG_ID, isRegion } from '../../lib/activation/ids.ts';
import { invalidContent } from '../../lib/runtime/problem.ts';
import { type Accounts, DEFAULT_ACCOUNT } from '../compose/accounts.ts';
import { fieldErrors, jsonObject, unknownField } from './json-schema.ts';

const FLOW_LOG_IDS_LIMIT = 1_000;
const METADATA_LIMIT_BYTES = 4_096;

export const flowLogIdSchema = v.pipe(
  v.string('must be a string'),
  v.regex(FLOW_LOG_ID, 'must be 1 to 64 letters, digits or hyphens'),
);
export const regionSchema = v.pipe(
  v.string('must be a string'),
  v.check(isRegion, 'must be a region such as cn-beijing'),
);
export const accountSchema = v.pipe(
  v.string('must be a string'),
  v.regex(ACCOUNT_ALIAS, 'must be an account alias of letters, digits, - or _'),
);

/** What every store and JSON parser keeps as it is; DynamoDB knows no empty attribute name. */
const isPlainText = (value: string, index: number) =>
  value.isWellFormed() && (index % 2 === 1 || value !== '');

/** `v.record` leaves these out without a word. */
const isLostKey = (key: string) => ['__proto__', 'constructor', 'prototype'].includes(key);

const bodySchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      flowLogIds: v.pipe(
        v.array(flowLogIdSchema, 'must be a list of flow log ids'),
        v.minLength(1, 'must name at least one flow log'),
        v.maxLength(FLOW_LOG_IDS_LIMIT, `must name at most ${FLOW_LOG_IDS_LIMIT} flow logs`),
      ),
      region: v.optional(regionSchema),
      account: v.optional(accountSchema),
      metadata: v.optional(
        v.pipe(
          jsonObject('must be an object of strings'),
          v.check(
            (metadata) => !Object.keys(metadata).some(isLostKey),
            'must not have keys that objects have',
          ),
          v.record(v.string(), v.string('must be a string')),
          v.check(
            (metadata) => Object.entries(metadata).flat().every(isPlainText),
            'must have keys, and no broken Unicode',
          ),
          v.check(
            (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_LIMIT_BYTES,
            `must be at most ${METADATA_LIMIT_BYTES} bytes of JSON`,
          ),
        ),
      ),
    },
    unknownField,
  ),
);

const idempotencyKeySchema = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'),
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
  defaults: { region: string; accounts: Accounts },
): ActivationRequestBody {
  const parsed = v.safeParse(bodySchema, body, { abortPipeEarly: true });
  const errors = parsed.success ? [] : fieldErrors(parsed.issues);
  const key = v.safeParse(v.optional(idempotencyKeySchema), idempotencyKey);
  if (!key.success) errors.push({ field: 'Idempotency-Key', message: key.issues[0].message });
  if (!parsed.success || !key.success) throw invalidContent(errors);

  const { flowLogIds, region = defaults.region, account = DEFAULT_ACCOUNT, metadata = {} } = parsed.output;
  checkAccount(defaults.accounts, account, region);
  return {
    flowLogs: flowLogIds.map((flowLogId) => ({ account, region, flowLogId })),
    metadata,
    ...(key.output !== undefined && { idempotencyKey: key.output }),
  };
}

function checkAccount(accounts: Accounts, account: string, region: string): void {
  if (!accounts.has(account)) {
    throw invalidContent([{ field: 'account', message: 'is not a configured account alias' }]);
  }
  const allowed = accounts.get(account)?.regions;
  if (allowed && !allowed.includes(region)) {
    throw invalidContent([{ field: 'region', message: 'is not enabled for this account' }]);
  }
}
