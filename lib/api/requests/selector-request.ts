import * as v from 'valibot';
import { type FlowLogFilter, SELECTABLE_STATUSES, type Selector } from '../../activation/batches/selector.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { filterFields, filterOf } from '../../config/flow-log-filter.ts';
import { jsonObject } from '../../http/json-object.ts';
import { invalidContent } from '../../http/problem.ts';
import { bytesTooLong } from '../../volcengine/select-flow-logs.ts';
import { accountSchema, regionSchema } from '../fields.ts';
import { unknownField } from '../schema-helpers.ts';
import { checkAccount, type RequestDefaults } from './account-check.ts';

const statusRule = `must be one or a list of ${SELECTABLE_STATUSES.join(', ')}`;
const oneStatus = v.picklist(SELECTABLE_STATUSES, statusRule);
const statusSchema = v.pipe(
  v.union([oneStatus, v.pipe(v.array(oneStatus), v.minLength(1, statusRule))], statusRule),
  v.description(
    'The statuses to activate. The default is `Inactive`. Other matching flow logs are only listed.',
  ),
);

export const selectorRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      region: v.optional(regionSchema),
      account: v.optional(accountSchema),
      ...filterFields,
      status: v.optional(statusSchema),
    },
    unknownField,
  ),
  v.description('Selects the flow logs of one account and region that satisfy every given field.'),
);

/**
 * Fills in the configured region and the account `default`. Throws what checkAccount throws, and the 422 Problem for a
 * selector whose query is too long.
 */
export function resolveSelector(
  given: v.InferOutput<typeof selectorRequestSchema>,
  defaults: RequestDefaults,
): Selector {
  const { region = defaults.region, account = DEFAULT_ACCOUNT, status = 'Inactive', ...filter } = given;
  checkAccount(defaults, account, region);
  const selector = {
    ...filterOf(filter),
    account,
    region,
    status: [...new Set([status].flat())],
  };
  checkLength(selector);
  return selector;
}

/** A server on the way may cut off or refuse a long query. Retries could not succeed, so it is refused here. */
function checkLength(filter: FlowLogFilter): void {
  const excess = bytesTooLong(filter);
  if (excess === 0) return;
  const message = `makes a query that is ${excess} bytes longer than servers take: ask for fewer or shorter tags`;
  throw invalidContent([{ field: 'selector', message }]);
}
