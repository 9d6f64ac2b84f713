import * as v from 'valibot';
import { ACTIVATION_STATUSES } from '../../activation/model/activation.ts';
import type { ListQuery } from '../../activation/model/ports.ts';
import { DEFAULT_ACCOUNT } from '../../config/accounts.ts';
import { invalidContent } from '../../http/problem.ts';
import { accountSchema, batchIdSchema, flowLogIdSchema, regionSchema } from '../fields.ts';
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
    flowLogId: v.optional(flowLogIdSchema),
    region: v.optional(regionSchema),
    account: v.optional(accountSchema),
    batchId: v.optional(batchIdSchema),
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
  const { flowLogId, region, account, limit = DEFAULT_LIMIT, ...rest } = query;
  if (flowLogId === undefined && (region !== undefined || account !== undefined)) {
    const field = region !== undefined ? 'region' : 'account';
    throw invalidContent([{ field, message: 'goes with flowLogId only' }]);
  }
  const flowLog = flowLogId && {
    account: account ?? DEFAULT_ACCOUNT,
    region: region ?? defaultRegion,
    flowLogId,
  };
  return { ...rest, limit, ...(flowLog && { flowLog }) };
}
