import * as v from 'valibot';
import { eachCategory, PLAN_CATEGORIES } from '../../activation/batches/plan.ts';
import { selectorSchema } from '../../activation/batches/selector.ts';
import {
  accountSchema,
  batchIdSchema,
  countSchema,
  flowLogIdSchema,
  planIdSchema,
  regionSchema,
  requestedBySchema,
  timeSchema,
  unreadableSchema,
} from '../fields.ts';

export const batchSchema = v.pipe(
  v.object({
    batchId: batchIdSchema,
    requestedBy: v.optional(requestedBySchema),
    total: v.pipe(v.number(), v.integer(), v.minValue(1)),
    counts: v.pipe(
      v.object({
        queued: countSchema,
        pending: countSchema,
        completed: countSchema,
        failed: countSchema,
      }),
      v.description(
        'The number of activations in each state, including joined ones. Together with `unreadable` and the activations that have expired since the batch ended, the sum is `total`.',
      ),
    ),
    unreadable: unreadableSchema,
    done: v.pipe(
      v.boolean(),
      v.description('True: all are final now. A redrive makes it false until that activation ends, too.'),
    ),
  }),
  v.description('The progress of a batch.'),
);
export type BatchResponse = v.InferOutput<typeof batchSchema>;

export const planCategorySchema = v.pipe(
  v.picklist(PLAN_CATEGORIES),
  v.description(
    '`wouldActivate`: its status is selected, and nothing prevents the activation. `alreadyOpen`: an activation is ' +
      'open, and the batch would join it. `frozen`: Volcengine has locked it. `otherStatus`: its status is not ' +
      'selected. A batch starts only the first two.',
  ),
);

export const planCountsSchema = v.pipe(
  v.object(eachCategory(() => countSchema)),
  v.description('The number of matching flow logs in each category.'),
);

const shownIds = v.pipe(v.array(flowLogIdSchema), v.maxLength(100));

export const resolvedSelectorSchema = v.pipe(
  v.object({
    ...selectorSchema.entries,
    account: accountSchema,
    region: regionSchema,
    status: v.pipe(selectorSchema.entries.status, v.minLength(1)),
  }),
  v.description('The selector with its defaults filled in.'),
);

const planEntries = {
  planId: planIdSchema,
  selector: resolvedSelectorSchema,
  counts: planCountsSchema,
  ids: v.pipe(
    v.object(eachCategory(() => shownIds)),
    v.description('The first 100 of each category, sorted by id.'),
  ),
  more: v.pipe(
    v.boolean(),
    v.description('True: there are more ids than shown here. The plan contains all of them.'),
  ),
};

export const planSchema = v.pipe(
  v.object(planEntries),
  v.description('What would be activated. Nothing was started.'),
);
export type PlanResponse = v.InferOutput<typeof planSchema>;

export const storedPlanSchema = v.pipe(
  v.object({
    ...planEntries,
    createdAt: timeSchema,
    requestedBy: v.optional(requestedBySchema),
    execution: v.optional(
      v.pipe(
        v.object({
          at: timeSchema,
          source: v.pipe(v.string(), v.description('As in the activations of its batches.')),
          requestedBy: v.optional(requestedBySchema),
          batchIds: v.pipe(v.array(batchIdSchema), v.description('Empty if there was nothing to start.')),
        }),
        v.description('When and by whom it was executed. Absent if it was not.'),
      ),
    ),
  }),
  v.description('A plan as it is stored.'),
);
export type StoredPlanResponse = v.InferOutput<typeof storedPlanSchema>;

export const startedPlanSchema = v.pipe(
  v.object({
    planId: planIdSchema,
    counts: planCountsSchema,
    batches: v.pipe(
      v.array(v.object({ batchId: batchIdSchema, total: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
      v.description(
        'The batches of the plan, with at most 1,000 flow logs each. Empty if there was nothing to start.',
      ),
    ),
  }),
  v.description('A plan that was executed.'),
);
export type StartedPlanResponse = v.InferOutput<typeof startedPlanSchema>;
