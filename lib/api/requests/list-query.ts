import * as v from 'valibot';
import { ACTIVATION_STATUSES } from '../../activation/model/activation.ts';
import { FAILURE_REASONS } from '../../activation/model/outcome.ts';
import type { ListQuery } from '../../activation/model/ports.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { accountSchema, batchIdSchema, flowLogIdSchema, regionSchema } from '../fields.ts';
import { parseRequest } from '../schema-helpers.ts';

const DEFAULT_LIMIT = 50;

const onlyTrue = 'must be true, or absent';

const timeMessage = 'must be a time in ISO 8601 with a time zone, such as 2026-01-02T03:04:05Z';
const timeParameter = v.pipe(
  v.string(timeMessage),
  v.isoTimestamp(timeMessage),
  v.check((text) => !Number.isNaN(Date.parse(text)), timeMessage),
);

const limitMessage = 'must be a whole number from 1 to 200';

export const listQuerySchema = v.strictObject(
  {
    status: v.optional(
      v.pipe(
        v.picklist(ACTIVATION_STATUSES, `must be one of ${ACTIVATION_STATUSES.join(', ')}`),
        v.description('Only activations in this state.'),
      ),
    ),
    flowLogId: v.optional(flowLogIdSchema),
    region: v.optional(regionSchema),
    account: v.optional(accountSchema),
    batchId: v.optional(batchIdSchema),
    reason: v.optional(
      v.pipe(
        v.picklist(FAILURE_REASONS, `must be one of ${FAILURE_REASONS.join(', ')}`),
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
    createdFrom: v.optional(
      v.pipe(timeParameter, v.description('Created at this time or later. In ISO 8601, with a time zone.')),
    ),
    createdUntil: v.optional(v.pipe(timeParameter, v.description('Created at this time or earlier.'))),
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
    createdFrom,
    createdUntil,
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
    ...(held && { held: true }),
    ...(drift && { drift: true }),
    ...(createdFrom && { createdFrom: Date.parse(createdFrom) }),
    ...(createdUntil && { createdUntil: Date.parse(createdUntil) }),
    limit,
  };
}
