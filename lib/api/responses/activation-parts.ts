import * as v from 'valibot';
import { ACTIVATION_STATUSES, DRIFT_KINDS } from '../../activation/model/activation.ts';
import { FAILURE_REASONS, MESSAGE_LIMIT } from '../../activation/model/outcome.ts';
import { countSchema, generationSchema, principalSchema, timeSchema } from '../fields.ts';

/* The parts of an activation as callers see it. */

export const statusSchema = v.pipe(
  v.picklist(ACTIVATION_STATUSES),
  v.description('`completed` and `failed` are final, unless a failed one is redriven.'),
);

export const desiredStatusSchema = v.pipe(
  v.picklist(['Active', 'Inactive']),
  v.description('The direction: `Active` is an activation, `Inactive` a deactivation.'),
);

export const failureReasonSchema = v.pipe(
  v.picklist(FAILURE_REASONS),
  v.description('Why it failed. The list may grow: treat an unknown reason as `unexpected`.'),
);

export const callErrorSchema = v.pipe(
  v.object({
    code: v.pipe(
      v.string(),
      v.description(
        "Volcengine's `Error.Code`, or a code of this service for a network failure, such as `ConnectTimeout`.",
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
    v.description(
      'The number of the call in this generation that the entry belongs to; 0 before the first call.',
    ),
  ),
  event: v.pipe(
    v.string(),
    v.description(
      'What happened, such as `opened`, `retry`, `accepted`, `completed` or `failed: frozen`. For people to read.',
    ),
  ),
  code: v.optional(v.string()),
  httpStatus: v.optional(v.pipe(v.number(), v.integer())),
  asyncTaskId: v.optional(v.string()),
  by: v.optional(
    v.pipe(
      principalSchema,
      v.description('Who did it, if a principal acted: `opened`, `redriven`, `failed: cancelled`.'),
    ),
  ),
});

export const heldSchema = v.pipe(
  v.object({ since: timeSchema, code: v.pipe(v.string(), v.description('As in `lastError`.')) }),
  v.description(
    'It waits for credentials, permissions or the endpoint, and is tried every few minutes. Absent if it does not.',
  ),
);

export const driftKindSchema = v.pipe(
  v.picklist(DRIFT_KINDS),
  v.description('Why the flow log is no longer Active. `gone`: DescribeFlowLogs does not show it.'),
);

export const driftSchema = v.pipe(
  v.object({
    kind: driftKindSchema,
    status: v.optional(v.pipe(v.string(), v.description('As DescribeFlowLogs showed it.'))),
    detectedAt: timeSchema,
    endedAt: v.optional(
      v.pipe(timeSchema, v.description('When it was seen Active again. Absent while the drift lasts.')),
    ),
  }),
  v.description('The latest drift after it completed.'),
);

const PUBLISHED_EVENTS = ['submitted', 'completed', 'failed', 'dead-letter', 'drifted'] as const;
export type PublishedEvent = (typeof PUBLISHED_EVENTS)[number];

export const publicationSchema = v.object({
  event: v.pipe(v.picklist(PUBLISHED_EVENTS), v.description('An event, or the dead letter.')),
  generation: generationSchema,
  at: timeSchema,
});
