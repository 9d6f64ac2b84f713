import * as v from 'valibot';
import { asyncTaskId } from '../../../events/cloud-event.ts';
import { HISTORY_LIMIT, JOINERS_LIMIT, PUBLISHED_LIMIT } from '../../activation/model/activation.ts';
import {
  accountSchema,
  activationIdSchema,
  batchIdSchema,
  countSchema,
  flowLogIdSchema,
  generationSchema,
  metadataSchema,
  regionSchema,
  requestedBySchema,
  timeSchema,
  unreadableSchema,
} from '../fields.ts';
import {
  callErrorSchema,
  driftSchema,
  failureReasonSchema,
  heldSchema,
  historyEntrySchema,
  publicationSchema,
  statusSchema,
} from './activation-parts.ts';

const identity = {
  activationId: activationIdSchema,
  flowLogId: flowLogIdSchema,
  region: regionSchema,
  account: accountSchema,
  status: statusSchema,
};

export const activationSchema = v.pipe(
  v.object({
    ...identity,
    desired: v.optional(
      v.pipe(
        v.literal('Inactive'),
        v.description(
          'Only of a deactivation. Read Inactive for Active, and DeactiveFlowLog for ActiveFlowLog.',
        ),
      ),
    ),
    generation: generationSchema,
    attempts: v.pipe(countSchema, v.description('Calls made to ActiveFlowLog in this generation.')),
    batchIds: v.pipe(
      v.array(batchIdSchema),
      v.minLength(1),
      v.maxLength(JOINERS_LIMIT + 1),
      v.description('The batch that opened it, then the batches that joined it while it was open.'),
    ),
    requestId: v.optional(v.pipe(v.string(), v.description("Volcengine's id of the accepted call."))),
    asyncTaskId,
    adopted: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Only if completed: true when no call of this service is known to have been accepted. The flow log was ' +
            'already Active, someone else activated it, or the response that accepted the call was lost.',
        ),
      ),
    ),
    reason: v.optional(failureReasonSchema),
    lastError: v.optional(callErrorSchema),
    held: v.optional(heldSchema),
    nextAttemptAt: v.optional(
      v.pipe(
        timeSchema,
        v.description(
          'When ActiveFlowLog is called next, at the earliest; a time in the past means now. Absent if no call is planned, or one is being made.',
        ),
      ),
    ),
    drift: v.optional(driftSchema),
    published: v.optional(
      v.pipe(
        v.array(publicationSchema),
        v.maxLength(PUBLISHED_LIMIT),
        v.description(
          `When its events and dead letters were published, oldest first, the latest ${PUBLISHED_LIMIT}. ` +
            'An event that is published again is listed once. Absent if version 0.5 or earlier published all of them.',
        ),
      ),
    ),
    source: v.pipe(
      v.string(),
      v.description(
        'The origin of the request: `api`, `webhook:<source>`, `schedule:<name>`, `policy:<name>`.',
      ),
    ),
    requestedBy: v.optional(requestedBySchema),
    metadata: metadataSchema,
    createdAt: timeSchema,
    updatedAt: timeSchema,
    queuedAt: v.pipe(
      timeSchema,
      v.description('When this generation was queued. Its deadline counts from this time.'),
    ),
    pendingAt: v.optional(v.pipe(timeSchema, v.description('When it became pending.'))),
    finishedAt: v.optional(v.pipe(timeSchema, v.description('When it became final.'))),
    deadlineAt: v.pipe(
      timeSchema,
      v.description(
        'If the flow log is not seen Active by this time, the activation fails as `deadline-exceeded`.',
      ),
    ),
    history: v.pipe(
      v.array(historyEntrySchema),
      v.maxLength(HISTORY_LIMIT),
      v.description(`The latest ${HISTORY_LIMIT} entries, oldest first.`),
    ),
  }),
  v.description('One flow log on its way to Active.'),
);
export type ActivationResponse = v.InferOutput<typeof activationSchema>;

export const activationPageSchema = v.object({
  activations: v.array(activationSchema),
  unreadable: unreadableSchema,
  nextCursor: v.optional(
    v.pipe(v.string(), v.description('The `cursor` of the next page. Absent if there is none.')),
  ),
});
export type ActivationPageResponse = v.InferOutput<typeof activationPageSchema>;

export const requestedActivationsSchema = v.object({
  batchId: batchIdSchema,
  activations: v.pipe(
    v.array(
      v.object({
        ...identity,
        joined: v.pipe(
          v.boolean(),
          v.description(
            "Another batch's activation of this flow log was still open, and this batch shares it.",
          ),
        ),
      }),
    ),
    v.minLength(1),
    v.description('One for each flow log, in the order of the request.'),
  ),
});
export type RequestedActivationsResponse = v.InferOutput<typeof requestedActivationsSchema>;

export const bulkRedriveSchema = v.object({
  queued: v.pipe(countSchema, v.description('Queued again as the next generation.')),
  adopted: v.pipe(countSchema, v.description('Found Active and completed at once.')),
  refused: v.pipe(
    countSchema,
    v.description('Not changed: a redrive could not succeed, or their state could not be read now.'),
  ),
  refusals: v.pipe(
    v.array(v.object({ activationId: activationIdSchema, why: v.string() })),
    v.description('The first 100 refused activations, each with a reason for people to read.'),
  ),
  more: v.pipe(v.boolean(), v.description('True: there may be more. Send the same request again.')),
});
export type BulkRedriveResponse = v.InferOutput<typeof bulkRedriveSchema>;
