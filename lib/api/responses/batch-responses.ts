import * as v from 'valibot';
import { PLAN_CATEGORIES } from '../../activation/batches/plan.ts';
import { RESOURCE_TYPES, SELECTABLE_STATUSES } from '../../activation/batches/selector.ts';
import {
  accountSchema,
  batchIdSchema,
  countSchema,
  flowLogIdSchema,
  planIdSchema,
  regionSchema,
  requestedBySchema,
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
        'How many activations are in each state, joined ones included. With `unreadable`, and those that have expired since the end of the batch, their sum is `total`.',
      ),
    ),
    unreadable: unreadableSchema,
    done: v.pipe(
      v.boolean(),
      v.description(
        'All are final now. A redrive of one of them makes it false again, until that one ends too.',
      ),
    ),
  }),
  v.description('How far a batch is.'),
);
export type BatchResponse = v.InferOutput<typeof batchSchema>;

export const planCategorySchema = v.pipe(
  v.picklist(PLAN_CATEGORIES),
  v.description(
    '`wouldActivate`: it has a status that is asked for, and nothing is in the way. `alreadyOpen`: an activation is ' +
      'open, and the batch would join it. `frozen`: locked by Volcengine. `otherStatus`: a status not asked for. Only ' +
      'the first two are started.',
  ),
);

export const planCountsSchema = v.pipe(
  v.object({
    wouldActivate: countSchema,
    alreadyOpen: countSchema,
    alreadyActive: countSchema,
    frozen: countSchema,
    deleting: countSchema,
    otherStatus: countSchema,
  }),
  v.description('Of the flow logs that the selector matches, how many are in each category.'),
);

const shownIds = v.pipe(v.array(flowLogIdSchema), v.maxLength(100));

/** As it was carried out, with its defaults filled in. */
export const resolvedSelectorSchema = v.pipe(
  v.object({
    account: accountSchema,
    region: regionSchema,
    project: v.optional(v.string()),
    vpcId: v.optional(v.string()),
    resourceType: v.optional(v.picklist(RESOURCE_TYPES)),
    resourceId: v.optional(v.string()),
    name: v.optional(v.string()),
    tags: v.optional(v.record(v.string(), v.union([v.literal(true), v.array(v.string())]))),
    status: v.pipe(v.array(v.picklist(SELECTABLE_STATUSES)), v.minLength(1)),
  }),
  v.description('The selector as it was carried out, with its defaults filled in.'),
);

export const planSchema = v.pipe(
  v.object({
    planId: planIdSchema,
    selector: resolvedSelectorSchema,
    counts: planCountsSchema,
    ids: v.pipe(
      v.object({
        wouldActivate: shownIds,
        alreadyOpen: shownIds,
        alreadyActive: shownIds,
        frozen: shownIds,
        deleting: shownIds,
        otherStatus: shownIds,
      }),
      v.description('The first hundred of each category, by id.'),
    ),
    more: v.pipe(
      v.boolean(),
      v.description('Whether there are more ids than are shown; the plan has them all.'),
    ),
  }),
  v.description('What would be activated. Nothing was started.'),
);
export type PlanResponse = v.InferOutput<typeof planSchema>;

export const startedPlanSchema = v.pipe(
  v.object({
    planId: planIdSchema,
    counts: planCountsSchema,
    batches: v.pipe(
      v.array(v.object({ batchId: batchIdSchema, total: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
      v.description(
        'The batches of the plan, at most 1,000 flow logs each; none when there was nothing to start.',
      ),
    ),
  }),
  v.description('A plan that was carried out.'),
);
export type StartedPlanResponse = v.InferOutput<typeof startedPlanSchema>;
