import * as v from 'valibot';
import { callError } from './cloud-event.ts';

const generation = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.description('The generation of the activation that failed.'),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The body of a message in the dead-letter queue. */
export const deadLetterSchema = v.pipe(
  v.looseObject({
    activationId: v.string(),
    generation,
    reason: v.pipe(
      v.string(),
      v.description(
        'The reason of the failed event. The list may grow: treat an unknown reason as `unexpected`.',
      ),
    ),
    lastError: v.optional(callError),
    attempts: v.pipe(count, v.description('Calls made to ActiveFlowLog in this generation.')),
    history: v.pipe(
      v.array(
        v.looseObject({
          at: v.pipe(count, v.description('Milliseconds since the epoch.')),
          generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
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
    redriveHelps: v.pipe(v.boolean(), v.description('Whether a redrive can help once the cause is removed.')),
  }),
  v.description(
    'One message for each failed activation that was not cancelled. Move it back to the work queue to redrive exactly ' +
      'its generation. It is ignored if the activation is in a later generation.',
  ),
);

export const deadLetterExample = {
  activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
  generation: 1,
  reason: 'frozen',
  lastError: {
    code: 'InvalidFlowLog.InvalidStatus',
    message: 'The flow log is in freeze status.',
    httpStatus: 400,
    requestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
  },
  attempts: 1,
  history: [
    { at: 1_767_323_045_266, generation: 1, attempt: 0, event: 'opened' },
    {
      at: 1_767_323_045_900,
      generation: 1,
      attempt: 1,
      event: 'failed: frozen',
      code: 'InvalidFlowLog.InvalidStatus',
      httpStatus: 400,
    },
  ],
  redriveHelps: true,
};
