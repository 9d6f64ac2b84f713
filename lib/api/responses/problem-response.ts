import * as v from 'valibot';
import { activationIdSchema, countSchema, flowLogIdSchema } from '../fields.ts';
import { desiredStatusSchema, statusSchema } from './activation-parts.ts';
import { planCategorySchema } from './batch-responses.ts';

export const fieldErrorSchema = v.object({
  field: v.pipe(
    v.string(),
    v.minLength(1),
    v.description('A path into the body such as `flowLogIds[3]`, or the name of a parameter or header.'),
  ),
  message: v.pipe(v.string(), v.description('The rule that the field breaks, for people to read.')),
});

const flowLogIds = v.array(flowLogIdSchema);

export const planDifferenceSchema = v.pipe(
  v.object({
    appeared: v.pipe(
      v.object({ count: countSchema, flowLogIds }),
      v.description('Not in the plan, but would be started now.'),
    ),
    gone: v.pipe(
      v.object({ count: countSchema, flowLogIds }),
      v.description('In the plan, but not matched any more.'),
    ),
    changed: v.pipe(
      v.object({
        count: countSchema,
        flowLogs: v.array(
          v.object({ flowLogId: flowLogIdSchema, from: planCategorySchema, to: planCategorySchema }),
        ),
      }),
      v.description('Matched both times, but only one of the two would start it.'),
    ),
  }),
  v.description(
    'The difference between the plan and the flow logs now: counts, and the first 100 of each kind.',
  ),
);

export const problemSchema = v.pipe(
  v.object({
    type: v.pipe(v.string(), v.description('Stable. Programs decide by this field.')),
    title: v.pipe(v.string(), v.minLength(1), v.description('The same for each problem of this type.')),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    detail: v.optional(
      v.pipe(v.string(), v.minLength(1), v.description('What happened this time, for people to read.')),
    ),
    errors: v.optional(
      v.pipe(
        v.array(fieldErrorSchema),
        v.minLength(1),
        v.description('The bad fields. If there are many, only the first ones.'),
      ),
    ),
    difference: v.optional(planDifferenceSchema),
    open: v.optional(
      v.pipe(
        v.array(
          v.object({
            flowLogId: flowLogIdSchema,
            activationId: activationIdSchema,
            status: statusSchema,
            desired: desiredStatusSchema,
          }),
        ),
        v.description('The open requests in the other direction.'),
      ),
    ),
    errorsInAll: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(2),
        v.description('The number of all bad fields, if not all are listed.'),
      ),
    ),
  }),
  v.description('RFC 9457 problem details.'),
);

export const gatewayErrorSchema = v.pipe(
  v.object({ message: v.string() }),
  v.description("API Gateway's own response: it invoked no function, or the function returned nothing."),
);
