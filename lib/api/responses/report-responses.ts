import * as v from 'valibot';
import { DESIRED_STATES, POLICY_NAME, REPAIRS } from '../../activation/policies/policy.ts';
import type { PolicyState } from '../../activation/policies/ports.ts';
import type { ReportPage } from '../../activation/policies/read-reports.ts';
import {
  GAP_KINDS,
  type GapRow,
  isGoingOn,
  REPAIR_STATES,
  ROW_STATES,
  RUN_ID,
  type Run,
  unreadOf,
} from '../../activation/policies/run.ts';
import {
  accountSchema,
  activationIdSchema,
  countSchema,
  flowLogIdSchema,
  regionSchema,
  timeSchema,
} from '../fields.ts';
import { failureReasonSchema } from './activation-parts.ts';
import { iso, isoIfAny } from './iso-time.ts';

export const policyNameSchema = v.pipe(
  v.string(),
  v.regex(POLICY_NAME),
  v.description('The name of a policy.'),
  v.examples(['keep-active']),
);

export const runIdSchema = v.pipe(
  v.string(),
  v.regex(RUN_ID),
  v.description('A run of a policy: the time for which it was planned. Kept for 400 days.'),
  v.examples(['20260102T030000Z']),
);

const kindSchema = v.pipe(
  v.picklist(GAP_KINDS),
  v.description(
    'Why a flow log is not in the desired state. `gone`: DescribeFlowLogs does not show it any more.',
  ),
);

const countsSchema = v.pipe(
  v.object({ compliant: countSchema, gap: countSchema, excluded: countSchema, repaired: countSchema }),
  v.description('`repaired`: those of the compliant ones that were activated since the run before.'),
);

const summary = {
  policy: policyNameSchema,
  runId: runIdSchema,
  plannedAt: timeSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema,
  desired: v.picklist(DESIRED_STATES),
  repair: v.pipe(v.picklist(REPAIRS), v.description('`tell`: the policy changes nothing.')),
  windowOpen: v.pipe(v.boolean(), v.description('Whether it could change something when it ended.')),
  counts: countsSchema,
  kinds: v.pipe(v.record(v.string(), countSchema), v.description('The gaps by kind.')),
  exclusions: v.array(
    v.pipe(
      v.object({
        rule: v.pipe(countSchema, v.description('The position in the policy, from 1.')),
        reason: v.string(),
        until: v.optional(timeSchema),
        matched: countSchema,
        state: v.picklist(['applied', 'stale', 'ended', 'unknown']),
      }),
      v.description(
        '`stale`: it matches nothing. `ended`: its time is over. `unknown`: it matched nothing, but not all could be read.',
      ),
    ),
  ),
  unread: v.pipe(
    v.array(v.object({ account: accountSchema, region: regionSchema, code: v.string(), since: timeSchema })),
    v.maxLength(100),
    v.description('The first accounts and regions that could not be read. Their flow logs are in no count.'),
  ),
  unreadTotal: countSchema,
};

export const runSummarySchema = v.pipe(v.object(summary), v.description('A run of a policy that has ended.'));
export type RunSummaryResponse = v.InferOutput<typeof runSummarySchema>;

const rowSchema = v.object({
  account: accountSchema,
  region: regionSchema,
  flowLogId: flowLogIdSchema,
  name: v.string(),
  status: v.pipe(v.string(), v.description('As DescribeFlowLogs shows it; `Absent` if it does not.')),
  lockReason: v.optional(v.string()),
  state: v.picklist(ROW_STATES),
  kind: v.optional(kindSchema),
  since: v.optional(
    v.pipe(timeSchema, v.description('When a run first saw that it is not in the desired state.')),
  ),
  repair: v.optional(v.pipe(v.picklist(REPAIR_STATES), v.description('What happens with a gap.'))),
  activationId: v.optional(activationIdSchema),
  failure: v.optional(failureReasonSchema),
  contradictedBy: v.optional(
    v.pipe(v.array(policyNameSchema), v.description('Policies that want another state: nothing is changed.')),
  ),
  excludedBy: v.optional(v.object({ rule: countSchema, reason: v.string(), until: v.optional(timeSchema) })),
  lastGap: v.optional(
    v.pipe(
      v.object({
        kind: kindSchema,
        since: timeSchema,
        endedAt: timeSchema,
        activationId: v.optional(activationIdSchema),
      }),
      v.description(
        'The latest gap that ended. With an activation it was repaired, else it ended by itself.',
      ),
    ),
  ),
});
type RowResponse = v.InferOutput<typeof rowSchema>;

const nextCursor = v.optional(
  v.pipe(v.string(), v.description('The `cursor` of the next page. Absent if there is none.')),
);

export const reportSchema = v.object({
  ...summary,
  rows: v.pipe(
    v.array(rowSchema),
    v.description('Gaps first, then what is excluded, then what is compliant. Some 1,000 a page.'),
  ),
  nextCursor,
});
export type ReportResponse = v.InferOutput<typeof reportSchema>;

export const runListSchema = v.object({ runs: v.array(runSummarySchema), nextCursor });
export type RunListResponse = v.InferOutput<typeof runListSchema>;

export const reportListSchema = v.object({
  reports: v.array(
    v.object({
      policy: policyNameSchema,
      lastRun: v.optional(
        v.object({
          runId: runIdSchema,
          plannedAt: timeSchema,
          finishedAt: timeSchema,
          counts: countsSchema,
          unread: v.pipe(countSchema, v.description('Accounts and regions that could not be read.')),
        }),
      ),
      running: v.optional(
        v.pipe(
          v.object({ plannedAt: timeSchema, startedAt: timeSchema }),
          v.description('A run that goes on: younger than a day, and not ended.'),
        ),
      ),
    }),
  ),
});
export type ReportListResponse = v.InferOutput<typeof reportListSchema>;

const UNREAD_SHOWN = 100;

export function runSummary(run: Run): RunSummaryResponse {
  const { policy, runId, plannedAt, startedAt, finishedAt, desired, repair, windowOpen, counts, kinds } = run;
  const unread = unreadOf(run);
  return {
    policy,
    runId,
    plannedAt: iso(plannedAt),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
    desired,
    repair,
    windowOpen,
    counts,
    kinds: { ...kinds },
    exclusions: run.exclusions.map(({ until, ...rest }) => ({ ...rest, until: isoIfAny(until) })),
    unread: unread.slice(0, UNREAD_SHOWN).map(({ since, ...rest }) => ({ ...rest, since: iso(since) })),
    unreadTotal: unread.length,
  };
}

export function reportView({ run, rows, nextCursor }: ReportPage): ReportResponse {
  return { ...runSummary(run), rows: rows.map(rowView), nextCursor };
}

function rowView({ since, excludedBy, lastGap, ...rest }: GapRow): RowResponse {
  return {
    ...rest,
    since: isoIfAny(since),
    excludedBy: excludedBy && { ...excludedBy, until: isoIfAny(excludedBy.until) },
    lastGap: lastGap && { ...lastGap, since: iso(lastGap.since), endedAt: iso(lastGap.endedAt) },
  };
}

export function reportListView(states: PolicyState[], now: number): ReportListResponse {
  return {
    reports: states.map(({ policy, last, open }) => ({
      policy,
      lastRun: last && { ...last, plannedAt: iso(last.plannedAt), finishedAt: iso(last.finishedAt) },
      running:
        open && isGoingOn(open, now)
          ? { plannedAt: iso(open.plannedAt), startedAt: iso(open.startedAt) }
          : undefined,
    })),
  };
}
