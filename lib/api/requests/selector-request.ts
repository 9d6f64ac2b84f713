import * as v from 'valibot';
import {
  type FlowLogFilter,
  RESOURCE_TYPES,
  SELECTABLE_STATUSES,
  type Selector,
} from '../../activation/batches/selector.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { invalidContent } from '../../http/problem.ts';
import { bytesTooLong } from '../../volcengine/select-flow-logs.ts';
import { accountSchema, regionSchema } from '../fields.ts';
import { jsonObject, LOST_KEYS, objectWithFreeKeys, unknownField } from '../schema-helpers.ts';
import { checkAccount, type RequestDefaults } from './account-check.ts';

/** Our own limit. Volcengine does not document how many tags one DescribeFlowLogs call accepts. */
const TAGS_LIMIT = 10;
const TAG_VALUES_LIMIT = 10;

const text = (shortest: number, longest: number) => {
  const rule = `must be a string of ${shortest} to ${longest} characters`;
  return v.pipe(
    v.string(rule),
    v.minLength(shortest, rule),
    // JSON Schema counts code points.
    v.check((value) => [...value].length <= longest, rule),
    v.check((value) => value.isWellFormed(), 'must be well-formed Unicode'),
    v.metadata({ maxLength: longest, description: 'Well-formed Unicode.' }),
  );
};

const idRule = 'must be 1 to 64 letters, digits, hyphens or underscores';
const resourceIdSchema = v.pipe(v.string(idRule), v.regex(/^[A-Za-z0-9_-]{1,64}$/, idRule));

const tagValue = text(0, 256);
const tagRule = `must be a value, a list of 1 to ${TAG_VALUES_LIMIT} values, or true for any value`;
const tagsSchema = v.pipe(
  objectWithFreeKeys('must be an object of tag keys'),
  v.check((tags) => Object.keys(tags).length <= TAGS_LIMIT, `must have at most ${TAGS_LIMIT} keys`),
  v.record(
    text(1, 128),
    v.union(
      [
        v.literal(true),
        tagValue,
        v.pipe(v.array(tagValue), v.minLength(1, tagRule), v.maxLength(TAG_VALUES_LIMIT, tagRule)),
      ],
      tagRule,
    ),
  ),
  v.metadata({
    description:
      'A flow log matches if it has every key with the value, or with one of the values; `true` means any value. All ' +
      'tags together must fit into one query: about 7,000 bytes, percent-encoded.',
    maxProperties: TAGS_LIMIT,
    propertyNames: { type: 'string', minLength: 1, maxLength: 128, not: { enum: LOST_KEYS } },
    examples: [{ env: ['prod', 'staging'], owner: true }],
  }),
);

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
      project: v.optional(v.pipe(text(1, 128), v.description('The name of a Volcengine project.'))),
      vpcId: v.optional(resourceIdSchema),
      resourceType: v.optional(v.picklist(RESOURCE_TYPES, `must be one of ${RESOURCE_TYPES.join(', ')}`)),
      resourceId: v.optional(resourceIdSchema),
      name: v.optional(
        v.pipe(
          text(1, 128),
          v.description(
            'A pattern for the whole name: `*` matches any characters or none, `?` exactly one character.',
          ),
          v.examples(['prod-*']),
        ),
      ),
      tags: v.optional(tagsSchema),
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
  const { region = defaults.region, account = DEFAULT_ACCOUNT, tags, status = 'Inactive', ...rest } = given;
  checkAccount(defaults, account, region);
  const selector = {
    ...rest,
    account,
    region,
    ...(tags && {
      tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, valuesOf(value)])),
    }),
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

function valuesOf(value: true | string | string[]): true | string[] {
  return value === true || [...new Set([value].flat())];
}
