import * as v from 'valibot';
import { cloudEvent, count, envelope } from './cloud-event.ts';

export const POLICY_RUN_COMPLETED = 'flow-log-policy-run.completed.v1';

const time = v.pipe(v.string(), v.isoTimestamp());
const account = v.pipe(v.string(), v.description('The alias of the Volcengine account.'));

const gap = v.looseObject({
  account,
  region: v.string(),
  flowLogId: v.string(),
  name: v.string(),
  status: v.pipe(v.string(), v.description('As DescribeFlowLogs shows it; `Absent` if it does not.')),
  lockReason: v.optional(v.string()),
  kind: v.pipe(
    v.string(),
    v.description('Why it is not in the desired state. The list of kinds may grow within this version.'),
  ),
  since: v.pipe(time, v.description('When a run first saw that it is not.')),
  repair: v.pipe(
    v.string(),
    v.description('What happens with it: `activating`, `waiting`, `told`, … The list may grow.'),
  ),
  activationId: v.optional(v.string()),
  failure: v.optional(v.pipe(v.string(), v.description('Why the last activation of it failed.'))),
});

const data = v.looseObject({
  policy: v.pipe(v.string(), v.description('The name of the policy.')),
  runId: v.pipe(v.string(), v.description('GET /reports/{policy}?run=… returns the whole report.')),
  plannedAt: v.pipe(time, v.description('The planned time of the run.')),
  startedAt: time,
  finishedAt: time,
  desired: v.pipe(v.string(), v.description('The state that the policy wants: `Active` or `Inactive`.')),
  repair: v.pipe(
    v.string(),
    v.description('`activate`, `deactivate`: the policy repairs. `tell`: it only tells.'),
  ),
  windowOpen: v.pipe(
    v.boolean(),
    v.description('Whether the policy could change something when the run ended.'),
  ),
  counts: v.pipe(
    v.looseObject({
      compliant: count,
      gap: count,
      excluded: count,
      repaired: v.pipe(
        count,
        v.description('How many of the compliant ones were activated since the run before.'),
      ),
    }),
    v.description('Of the accounts and regions that were read.'),
  ),
  kinds: v.pipe(v.record(v.string(), count), v.description('The gaps by kind.')),
  gaps: v.pipe(v.array(gap), v.description('The first 100.')),
  more: v.pipe(v.boolean(), v.description('True: there are more gaps than listed here.')),
  unread: v.pipe(
    v.array(v.looseObject({ account, region: v.string(), code: v.string(), since: time })),
    v.description(
      'The first 100 accounts and regions that could not be read. Nothing is known about them: their flow logs are in no ' +
        'count.',
    ),
  ),
  unreadTotal: count,
});

export const policyRunCompletedSchema = cloudEvent(
  POLICY_RUN_COMPLETED,
  data,
  'A run of a policy has ended: it has read all flow logs that the policy selects, and has begun to repair what it may. ' +
    'A repair that it began ends with the events of its activation.',
);
export type PolicyRunCompleted = v.InferOutput<typeof policyRunCompletedSchema>;

export function policyRunCompleted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(POLICY_RUN_COMPLETED, id, at, details, details.policy);
}
