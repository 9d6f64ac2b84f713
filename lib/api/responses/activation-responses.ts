import * as v from 'valibot';
import { ACTIVATION_STATUSES, HISTORY_LIMIT, JOINERS_LIMIT } from '../../activation/model/activation.ts';
import { FAILURE_REASONS, MESSAGE_LIMIT } from '../../activation/model/outcome.ts';
import {
  accountSchema,
  activationIdSchema,
  batchIdSchema,
  countSchema,
  flowLogIdSchema,
  generationSchema,
  metadataSchema,
  principalSchema,
  regionSchema,
  requestedBySchema,
  timeSchema,
  unreadableSchema,
} from '../fields.ts';

export const statusSchema = v.pipe(
  v.picklist(ACTIVATION_STATUSES),
  v.description('`completed` and `failed` are final, but for a redrive.'),
);

export const failureReasonSchema = v.pipe(
  v.picklist(FAILURE_REASONS),
  v.description('Why it failed. The list may grow: treat a reason that you do not know as `unexpected`.'),
);

export const callErrorSchema = v.pipe(
  v.object({
    code: v.pipe(
      v.string(),
      v.description(
        "Volcengine's `Error.Code`, or one of ours for a failure on the way, such as `ConnectTimeout`.",
      ),
    ),
    message: v.pipe(v.string(), v.maxLength(MESSAGE_LIMIT)),
    httpStatus: v.optional(v.pipe(v.number(), v.integer())),
    requestId: v.optional(v.pipe(v.string(), v.description("Volcengine's id of the call."))),
  }),
  v.description('How the latest failed call ended.'),
);

export const historyEntrySchema = v.object({
  at: timeSchema,
  generation: generationSchema,
  attempt: v.pipe(
    countSchema,
    v.description('The call of this generation that it belongs to, 0 before the first.'),
  ),
  event: v.pipe(
    v.string(),
    v.description(
      'What happened, such as `opened`, `retry`, `accepted`, `completed` or `failed: frozen`; for people.',
    ),
  ),
  code: v.optional(v.string()),
  httpStatus: v.optional(v.pipe(v.number(), v.integer())),
  asyncTaskId: v.optional(v.string()),
  by: v.optional(
    v.pipe(
      principalSchema,
      v.description('Who did it, where someone acted: `opened`, `redriven`, `failed: cancelled`.'),
    ),
  ),
});

export const activationSchema = v.pipe(
  v.object({
    activationId: activationIdSchema,
    flowLogId: flowLogIdSchema,
    region: regionSchema,
    account: accountSchema,
    status: statusSchema,
    generation: generationSchema,
    attempts: v.pipe(countSchema, v.description('Calls made to ActiveFlowLog in this generation.')),
    batchIds: v.pipe(
      v.array(batchIdSchema),
      v.minLength(1),
      v.maxLength(JOINERS_LIMIT + 1),
      v.description('The batch that opened it, then those that joined it while it was open.'),
    ),
    requestId: v.optional(v.pipe(v.string(), v.description("Volcengine's id of the accepted call."))),
    asyncTaskId: v.optional(
      v.pipe(
        v.string(),
        v.description("Volcengine's id of the task that the accepted call started; its support asks for it."),
      ),
    ),
    adopted: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          'Of a completed one: true when no call of ours is known to have been accepted. It was Active already, ' +
            'someone else activated it, or the accepting answer was lost.',
        ),
      ),
    ),
    reason: v.optional(failureReasonSchema),
    lastError: v.optional(callErrorSchema),
    source: v.pipe(
      v.string(),
      v.description('What asked for it: `api`, `webhook:<source>`, `schedule:<name>`.'),
    ),
    requestedBy: v.optional(requestedBySchema),
    metadata: metadataSchema,
    createdAt: timeSchema,
    updatedAt: timeSchema,
    queuedAt: v.pipe(
      timeSchema,
      v.description('When this generation was queued; its deadline counts from here.'),
    ),
    pendingAt: v.optional(v.pipe(timeSchema, v.description('When it became pending.'))),
    finishedAt: v.optional(v.pipe(timeSchema, v.description('When it became final.'))),
    deadlineAt: v.pipe(
      timeSchema,
      v.description('Not seen Active until then, it fails as `deadline-exceeded`.'),
    ),
    history: v.pipe(
      v.array(historyEntrySchema),
      v.maxLength(HISTORY_LIMIT),
      v.description(`What happened, oldest first; the latest ${HISTORY_LIMIT} entries.`),
    ),
  }),
  v.description('One flow log on its way to Active.'),
);
export type ActivationResponse = v.InferOutput<typeof activationSchema>;

export const activationPageSchema = v.object({
  activations: v.array(activationSchema),
  unreadable: unreadableSchema,
  nextCursor: v.optional(
    v.pipe(v.string(), v.description('`cursor` of the next page; absent when there is none.')),
  ),
});
export type ActivationPageResponse = v.InferOutput<typeof activationPageSchema>;

export const requestedActivationsSchema = v.object({
  batchId: batchIdSchema,
  activations: v.pipe(
    v.array(
      v.object({
        activationId: activationIdSchema,
        flowLogId: flowLogIdSchema,
        region: regionSchema,
        account: accountSchema,
        status: statusSchema,
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
  queued: v.pipe(countSchema, v.description('Queued again, as the next generation.')),
  adopted: v.pipe(countSchema, v.description('Found Active, and completed at once.')),
  refused: v.pipe(
    countSchema,
    v.description('Left as they are: a redrive would be in vain, or nothing is to be learned of them now.'),
  ),
  refusals: v.pipe(
    v.array(v.object({ activationId: activationIdSchema, why: v.string() })),
    v.description('The first hundred of the refused, with the reason for people.'),
  ),
  more: v.pipe(v.boolean(), v.description('There may be more. Send the same again.')),
});
export type BulkRedriveResponse = v.InferOutput<typeof bulkRedriveSchema>;
