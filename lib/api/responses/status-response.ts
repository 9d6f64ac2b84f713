import * as v from 'valibot';
import { ACCOUNT_STATES, REFUSED_ACTIONS } from '../../activation/status/account-status.ts';
import { BUS_STATES, ENTRY_KINDS, QUEUE_NAMES } from '../../activation/status/ports.ts';
import { accountSchema, countSchema, principalSchema, timeSchema } from '../fields.ts';
import { whySchema } from '../requests/pause-request.ts';
import { failureReasonSchema } from './activation-parts.ts';

export const boundedCountSchema = v.pipe(
  v.object({ count: countSchema, atLeast: v.optional(v.literal(true)) }),
  v.description(
    'With `atLeast` there may be more: the status counts no further, so that its cost is bounded.',
  ),
);

const queueSchema = v.pipe(
  v.object({
    name: v.picklist(QUEUE_NAMES),
    messages: v.optional(v.pipe(countSchema, v.description('About how many can be received.'))),
    inFlight: v.optional(v.pipe(countSchema, v.description('About how many are being processed.'))),
    delayed: v.optional(v.pipe(countSchema, v.description('About how many are delayed.'))),
  }),
  v.description('A queue, without its counts if it gave no answer.'),
);

const accountStatusSchema = v.object({
  account: accountSchema,
  state: v.pipe(
    v.picklist(ACCOUNT_STATES),
    v.description(
      '`held`: credentials, permissions or the endpoint are refused. `paused`: a person has paused it. `throttled`: ' +
        'Volcengine has slowed it down, and it recovers. The first of paused, held and throttled that is true.',
    ),
  ),
  since: v.optional(
    v.pipe(timeSchema, v.description('Since when it is in this state. Absent if it is `ok`.')),
  ),
  code: v.optional(v.pipe(v.string(), v.description('Why it is held, as in `lastError`.'))),
  action: v.optional(
    v.pipe(
      v.picklist(REFUSED_ACTIONS),
      v.description(
        'What is refused. With `DescribeFlowLogs` the pending activations wait, none of which is `held`; with ' +
          '`ActiveFlowLog` the queued ones that are.',
      ),
    ),
  ),
  by: v.optional(v.pipe(principalSchema, v.description('Who paused it.'))),
  why: v.optional(whySchema),
  nextTryAt: v.optional(
    v.pipe(timeSchema, v.description('When an activation on hold is tried next, at the earliest.')),
  ),
  ratePerSecond: v.pipe(
    v.number(),
    v.minValue(0),
    v.description('Calls per second that the account may make now. Less than configured after throttling.'),
  ),
  open: v.pipe(boundedCountSchema, v.description('Queued and pending activations.')),
  pending: v.pipe(boundedCountSchema, v.description('Those that Volcengine was called for.')),
  queuedUntil: v.optional(
    v.pipe(
      timeSchema,
      v.description(
        'When the last queued activation is called, if nothing is repeated. Absent if none waits.',
      ),
    ),
  ),
  failed: v.pipe(
    v.array(v.object({ reason: failureReasonSchema, count: boundedCountSchema })),
    v.description('Failed activations that were neither redriven nor replaced, by reason.'),
  ),
  held: v.pipe(boundedCountSchema, v.description('Activations on hold.')),
  drifted: v.pipe(boundedCountSchema, v.description('Completed, but no longer Active.')),
  skippedRuns: v.optional(
    v.pipe(
      v.array(v.object({ schedule: v.string(), scheduledAt: timeSchema })),
      v.description(
        'Runs of schedules that were skipped because the account was paused, of schedules that have not run since.',
      ),
    ),
  ),
});

const configurationSchema = v.pipe(
  v.object({
    source: v.optional(
      v.pipe(
        v.string(),
        v.description('Where it is stored. Absent if it is nowhere but in the environment.'),
      ),
    ),
    readAt: v.optional(
      v.pipe(timeSchema, v.description('When it was last read. It is read at most once a minute.')),
    ),
    failure: v.optional(
      v.pipe(v.string(), v.description('Why the last try to read it failed. What was read before is used.')),
    ),
    disabled: v.pipe(
      v.array(
        v.object({
          kind: v.picklist(ENTRY_KINDS),
          name: v.string(),
          problems: v.pipe(v.array(v.string()), v.description('What is wrong, by place, without values.')),
        }),
      ),
      v.description(
        'Entries that are not used. The calls of a disabled account are held; a disabled policy does not run.',
      ),
    ),
  }),
  v.description('The stored accounts and policies, as the function that gives this response has read them.'),
);

export const statusReportSchema = v.pipe(
  v.object({
    at: timeSchema,
    api: v.object({ version: v.string() }),
    poller: v.pipe(
      v.object({
        lastTickAt: v.optional(timeSchema),
        nextTickAt: v.optional(timeSchema),
        oldestDueAt: v.optional(
          v.pipe(
            timeSchema,
            v.description(
              'Since when the oldest piece of work is due. A pending activation is due from the call on until it ends.',
            ),
          ),
        ),
      }),
      v.description(
        'A tick is planned while anything is due; `nextTickAt` is absent otherwise. Then the schedule ticks each minute, ' +
          'and `lastTickAt` may be up to 15 minutes old.',
      ),
    ),
    bus: v.pipe(
      v.object({ state: v.picklist(BUS_STATES) }),
      v.description('`refused`: the service may not see it. `unknown`: it gave no answer.'),
    ),
    outbox: v.pipe(
      v.object({ waiting: boundedCountSchema }),
      v.description(
        'Activations that have ended, and of which an event or the dead letter is not published.',
      ),
    ),
    queues: v.array(queueSchema),
    configuration: configurationSchema,
    deactivation: v.pipe(
      v.object({ allowed: v.boolean() }),
      v.description('Whether this deployment takes deactivations: its setting `allowDeactivation`.'),
    ),
    accounts: v.pipe(
      v.array(accountStatusSchema),
      v.description('The configured accounts, then others that have activations.'),
    ),
  }),
  v.description('How the service is.'),
);
export type StatusResponse = v.InferOutput<typeof statusReportSchema>;
