import * as v from 'valibot';
import { countSchema, flowLogIdSchema } from '../fields.ts';
import { planCategorySchema } from './batch-responses.ts';

export const fieldErrorSchema = v.object({
  field: v.pipe(
    v.string(),
    v.minLength(1),
    v.description('A path into the body such as `flowLogIds[3]`, or the name of a parameter or header.'),
  ),
  message: v.pipe(v.string(), v.description('What it must be, for people.')),
});

const flowLogIds = v.array(flowLogIdSchema);

export const planDifferenceSchema = v.pipe(
  v.object({
    appeared: v.pipe(
      v.object({ count: countSchema, flowLogIds }),
      v.description('Not in the plan, and would be started now.'),
    ),
    gone: v.pipe(
      v.object({ count: countSchema, flowLogIds }),
      v.description('To be started by the plan, and not matched any more.'),
    ),
    changed: v.pipe(
      v.object({
        count: countSchema,
        flowLogs: v.array(
          v.object({ flowLogId: flowLogIdSchema, from: planCategorySchema, to: planCategorySchema }),
        ),
      }),
      v.description('Matched by both, and to be started by one of them only.'),
    ),
  }),
  v.description('In what the plan and the world differ: counts, and the first hundred of each.'),
);

export const problemSchema = v.pipe(
  v.object({
    type: v.pipe(v.string(), v.description('Stable: decide by this.')),
    title: v.pipe(v.string(), v.minLength(1), v.description('The same for each problem of this type.')),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    detail: v.optional(
      v.pipe(v.string(), v.minLength(1), v.description('What it was this time, for people.')),
    ),
    errors: v.optional(
      v.pipe(
        v.array(fieldErrorSchema),
        v.minLength(1),
        v.description('The bad fields; the first ones of many.'),
      ),
    ),
    difference: v.optional(planDifferenceSchema),
    errorsInAll: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(2),
        v.description('How many there are, when not all are shown.'),
      ),
    ),
  }),
  v.description('RFC 9457 problem details.'),
);

export const gatewayErrorSchema = v.pipe(
  v.object({ message: v.string() }),
  v.description("API Gateway's own answer; no function of ours was asked, or it gave none."),
);
