import * as v from 'valibot';
import { ACTIVATION_STATUSES } from '../../activation/model/activation.ts';
import type { ListQuery } from '../../activation/model/ports.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import {
  accountSchema,
  batchIdSchema,
  creationTimes,
  creationTimesOf,
  flowLogIdSchema,
  onlyTrue,
  regionSchema,
  requestedReasonSchema,
} from '../fields.ts';
import { parseRequest } from '../schema-helpers.ts';

const DEFAULT_LIMIT = 50;

const limitMessage = 'must be a whole number from 1 to 200';

export const listQuerySchema = v.strictObject(
  {
    status: v.optional(
      v.pipe(
        v.picklist(ACTIVATION_STATUSES, `must be one of ${ACTIVATION_STATUSES.join(', ')}`),
        v.description('Only activations in this state.'),
      ),
    ),
    desired: v.optional(
      v.pipe(
        v.picklist(['Active', 'Inactive'], 'must be one of Active, Inactive'),
        v.description('`Active`: only activations. `Inactive`: only deactivations. Without it: both.'),
      ),
    ),
    flowLogId: v.optional(flowLogIdSchema),
    region: v.optional(regionSchema),
    account: v.optional(accountSchema),
    batchId: v.optional(batchIdSchema),
    reason: v.optional(
      v.pipe(
        requestedReasonSchema,
        v.description(
          'Failed for this reason, and neither redriven nor replaced by a later activation since.',
        ),
      ),
    ),
    held: v.optional(
      v.pipe(
        v.literal('true', onlyTrue),
        v.description('Only those on hold: credentials, permissions or the endpoint.'),
      ),
    ),
    drift: v.optional(
      v.pipe(
        v.literal('true', onlyTrue),
        v.description('Only completed ones whose flow log is no longer Active.'),
      ),
    ),
    ...creationTimes,
    limit: v.optional(
      v.pipe(
        v.string(limitMessage),
        v.regex(/^\d{1,3}$/, limitMessage),
        v.transform(Number),
        v.number(),
        v.integer(),
        v.minValue(1, limitMessage),
        v.maxValue(200, limitMessage),
        v.metadata({ description: 'The maximum number of entries in a page.', default: DEFAULT_LIMIT }),
      ),
    ),
    cursor: v.optional(
      v.pipe(
        v.string('is not one of this list'),
        v.maxLength(600, 'is not one of this list'),
        v.description('`nextCursor` of the previous page. The other parameters must stay the same.'),
      ),
    ),
  },
  'is not a parameter of this list',
);

/** Throws the 422 Problem that names every bad parameter. */
export function parseListQuery(
  parameters: Record<string, string | undefined> | undefined,
  defaultRegion: string,
): ListQuery & { batchId?: string } {
  const query = parseRequest(listQuerySchema, parameters ?? {});
  const {
    flowLogId,
    region,
    account,
    held,
    drift,
    createdFrom: _,
    createdUntil: _until,
    limit = DEFAULT_LIMIT,
    ...rest
  } = query;
  const scope =
    flowLogId === undefined
      ? { ...(account && { account }), ...(region && { region }) }
      : { flowLog: { account: account ?? DEFAULT_ACCOUNT, region: region ?? defaultRegion, flowLogId } };
  return {
    ...rest,
    ...scope,
    ...creationTimesOf(query),
    ...(held && { held: true }),
    ...(drift && { drift: true }),
    limit,
  };
}
