import * as v from 'valibot';
import type { ScheduledBatch } from '../../activation/batches/scheduled-batch.ts';
import { jsonObject } from '../../http/json-object.ts';
import { metadataSchema } from '../fields.ts';
import { parseRequest, unknownField } from '../schema-helpers.ts';
import type { RequestDefaults } from './account-check.ts';
import { resolveSelector, selectorRequestSchema } from './selector-request.ts';

const scheduleRule = 'must be 1 to 512 visible ASCII characters';
const timeRule = 'must be a time such as 2026-01-02T03:00:00Z';

export const scheduledBatchSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      schedule: v.pipe(v.string(scheduleRule), v.regex(/^[\x21-\x7e]{1,512}$/, scheduleRule)),
      scheduledAt: v.pipe(
        v.string(timeRule),
        v.isoTimestamp(timeRule),
        v.transform((text) => Date.parse(text)),
        v.number(timeRule),
        v.metadata({
          type: 'string',
          format: 'date-time',
          description: 'The scheduled time.',
        }),
      ),
      selector: selectorRequestSchema,
      dryRun: v.optional(v.boolean('must be true or false'), false),
      metadata: v.optional(metadataSchema, {}),
    },
    unknownField,
  ),
);

/** Parses the input of a schedule. Throws the Problem that names every bad field. */
export function parseScheduledBatch(
  event: unknown,
  defaults: RequestDefaults,
): ScheduledBatch & { dryRun: boolean } {
  const scheduled = parseRequest(scheduledBatchSchema, event);
  return { ...scheduled, selector: resolveSelector(scheduled.selector, defaults) };
}
