import * as v from 'valibot';
import { attempts, callError, count, positive, redriveHelps } from './cloud-event.ts';

/** The body of a message in the dead-letter queue. */
export const deadLetterSchema = v.pipe(
  v.looseObject({
    desired: v.optional(
      v.pipe(v.literal('Inactive'), v.description('Only of a deactivation: moved back, it is tried again.')),
    ),
    activationId: v.string(),
    generation: v.pipe(positive, v.description('The generation of the activation that failed.')),
    reason: v.pipe(
      v.string(),
      v.description(
        'The reason of the failed event. The list may grow: treat an unknown reason as `unexpected`.',
      ),
    ),
    lastError: v.optional(callError),
    attempts,
    history: v.pipe(
      v.array(
        v.looseObject({
          at: v.pipe(count, v.description('Milliseconds since the epoch.')),
          generation: positive,
          attempt: count,
          event: v.string(),
          code: v.optional(v.string()),
          httpStatus: v.optional(v.number()),
          asyncTaskId: v.optional(v.string()),
          by: v.optional(
            v.pipe(v.string(), v.description('Who did it, if a principal acted, for example `redriven`.')),
          ),
        }),
      ),
      v.description('The latest entries, oldest first.'),
    ),
    redriveHelps,
  }),
  v.description(
    'One message for each failed activation that was not cancelled. Move it back to the work queue to redrive exactly ' +
      'its generation. It is ignored if the activation is in a later generation.',
  ),
);
