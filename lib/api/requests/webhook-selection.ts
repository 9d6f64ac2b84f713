import * as v from 'valibot';
import type { FlowLogRef } from '../../activation/model/activation.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { type FieldError, invalidContent } from '../../http/problem.ts';
import { type Payload, select } from '../../webhooks/inbound/select.ts';
import type { WebhookSource } from '../../webhooks/inbound/source.ts';
import { accountSchema, metadataSchema, regionSchema } from '../fields.ts';
import { fieldErrors } from '../schema-helpers.ts';
import { checkAccount, type RequestDefaults } from './account-check.ts';
import { flowLogIdsSchema } from './activation-request.ts';

/** A message quotes at most this many characters of an expression. */
const SHOWN_LIMIT = 200;

const selectedSchema = v.object({
  flowLogIds: flowLogIdsSchema,
  region: v.optional(regionSchema),
  account: v.optional(accountSchema),
  metadata: v.optional(metadataSchema),
});

/**
 * Evaluates the expressions of a source over a payload and checks the result by the rules of POST /activations.
 * Throws the 422 Problem that names each expression with an invalid result, or ExpressionRefused.
 */
export function parseSelection(
  source: WebhookSource,
  payload: Payload,
  defaults: RequestDefaults,
): { flowLogs: FlowLogRef[]; metadata: Record<string, string> } {
  const selected = select(source, payload);
  const parsed = v.safeParse(selectedSchema, selected, { abortPipeEarly: true });
  if (!parsed.success) throw invalidContent(describe(source, selected, parsed.issues));

  const { flowLogIds, region = defaults.region, account = DEFAULT_ACCOUNT, metadata = {} } = parsed.output;
  checkSource(source, account, region);
  checkAccount(defaults, account, region);
  return { flowLogs: flowLogIds.map((flowLogId) => ({ account, region, flowLogId })), metadata };
}

/** Throws the 422 Problem for an account or region that this source may not use, whether it exists or not. */
function checkSource({ accounts, regions }: WebhookSource, account: string, region: string): void {
  const message = 'is not enabled for this source';
  const errors = [
    ...(accounts && !accounts.includes(account) ? [{ field: 'account', message }] : []),
    ...(regions && !regions.includes(region) ? [{ field: 'region', message }] : []),
  ];
  if (errors.length > 0) throw invalidContent(errors);
}

/** One error per expression: its text, the type of its result, and the first rule that the result breaks. */
function describe(
  source: WebhookSource,
  selected: Record<string, unknown>,
  issues: readonly v.BaseIssue<unknown>[],
): FieldError[] {
  return Object.entries(source.select).flatMap(([key, expression]) => {
    const issue = issues.find(({ path }) => path?.[0]?.key === key);
    if (issue === undefined || expression === undefined) return [];
    const [{ field = key, message = '' } = {}] = fieldErrors([issue]);
    const where = field.slice(key.length);
    const rule = where === '' ? message : `${where} ${message}`;
    const given = `the expression ${expression.text.slice(0, SHOWN_LIMIT)} gave ${typeName(selected[key])}`;
    return [{ field: `select.${key}`, message: `${given}: ${rule}` }];
  });
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
