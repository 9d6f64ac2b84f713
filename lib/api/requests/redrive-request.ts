import * as v from 'valibot';
import { jsonObject } from '../../http/json-object.ts';
import { requestedReasonSchema } from '../fields.ts';
import { unknownField } from '../schema-helpers.ts';

const DEFAULT_LIMIT = 100;

const generationRule = 'must be a whole number from 1';
const limitRule = 'must be a whole number from 1 to 1000';

export const redriveRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      generation: v.optional(
        v.pipe(
          v.number(generationRule),
          v.safeInteger(generationRule),
          v.minValue(1, generationRule),
          v.description(
            'The generation that failed. With it the request is safe to repeat: an activation in a later generation is returned unchanged.',
          ),
        ),
      ),
    },
    unknownField,
  ),
);

export const bulkRedriveRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      reason: v.optional(
        v.pipe(
          requestedReasonSchema,
          v.description(
            'Only activations that failed for this reason. Without it: all reasons except `cancelled`.',
          ),
        ),
      ),
      limit: v.optional(
        v.pipe(
          v.number(limitRule),
          v.integer(limitRule),
          v.minValue(1, limitRule),
          v.maxValue(1_000, limitRule),
          v.description('The request ends when this number are queued or adopted.'),
        ),
        DEFAULT_LIMIT,
      ),
    },
    unknownField,
  ),
);
