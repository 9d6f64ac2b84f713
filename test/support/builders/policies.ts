import type { FlowLogPolicy } from '../../../lib/activation/policies/policy.ts';
import { noCounts, type Row, type Run, runIdOf } from '../../../lib/activation/policies/run.ts';
import { START } from '../fakes/activations.ts';

const HOUR_MS = 3_600_000;

export const aPolicy = (change: Partial<FlowLogPolicy> = {}): FlowLogPolicy => ({
  name: 'keep-active',
  accounts: ['default'],
  regions: ['cn-beijing'],
  selector: {},
  exclusions: [],
  desired: 'Active',
  repair: 'activate',
  everyMs: 3_600_000,
  ...change,
});

/** Planned so many hours after START, with everything that a run can have. */
export const aRun = (hour: number, change: Partial<Run> = {}): Run => ({
  policy: 'keep-active',
  runId: runIdOf(START + hour * HOUR_MS),
  plannedAt: START + hour * HOUR_MS,
  startedAt: START,
  finishedAt: START,
  desired: 'Active',
  repair: 'activate',
  everyMs: HOUR_MS,
  windowOpen: true,
  selectionHash: 'hash',
  counts: { ...noCounts(), gap: 1 },
  kinds: { inactive: 1 },
  exclusions: [{ rule: 1, reason: 'Grund: Prüfung', until: START, matched: 0, state: 'stale' }],
  scopes: [
    {
      account: 'default',
      region: 'cn-beijing',
      readAt: START,
      pages: [{ id: 'page-1', state: 'gap', rows: 1, storedAt: START }],
      counts: { ...noCounts(), gap: 1 },
      kinds: { inactive: 1 },
      excluded: [0],
      unread: { code: 'describe-failed', since: START },
    },
  ],
  firstGaps: [{ account: 'default', region: 'cn-beijing', ...aRow('fl-1') }],
  ...change,
});

export function aRow(flowLogId: string): Row {
  const lastGap = { kind: 'frozen' as const, since: START, endedAt: START, activationId: 'a-1' };
  return {
    flowLogId,
    name: '名字',
    status: 'Inactive',
    state: 'gap',
    kind: 'inactive',
    since: START,
    repair: 'later',
    failure: 'frozen',
    contradictedBy: ['other'],
    excludedBy: { rule: 1, reason: 'why', until: START },
    lastGap,
  };
}
