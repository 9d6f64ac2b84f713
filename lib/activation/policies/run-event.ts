import { policyRunCompleted } from '../../../events/policy-run-completed-v1.ts';
import type { Event } from '../model/message-ports.ts';
import { sortedEntries } from '../model/sorted-entries.ts';
import { type Run, unreadOf } from './run.ts';

const SHOWN = 100;

const iso = (time: number) => new Date(time).toISOString();

/** The event of a run, built from the stored run only: published again, it has the same id and the same bytes. */
export function runEventOf(run: Run): Event {
  const { policy, runId, plannedAt, startedAt, finishedAt, desired, repair, windowOpen, counts } = run;
  const { gap, compliant, excluded, repaired } = counts;
  const unread = unreadOf(run);
  const id = `${policy}.${runId}.completed`;
  const event = policyRunCompleted(id, finishedAt, {
    policy,
    runId,
    plannedAt: iso(plannedAt),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
    desired,
    repair,
    windowOpen,
    counts: { compliant, gap, excluded, repaired },
    kinds: Object.fromEntries(sortedEntries(run.kinds)),
    gaps: run.firstGaps.slice(0, SHOWN).map((row) => ({
      account: row.account,
      region: row.region,
      flowLogId: row.flowLogId,
      name: row.name,
      status: row.status,
      ...(row.lockReason !== undefined && { lockReason: row.lockReason }),
      kind: row.kind ?? 'unknown-status',
      since: iso(row.since ?? finishedAt),
      repair: row.repair ?? 'impossible',
      ...(row.activationId !== undefined && { activationId: row.activationId }),
      ...(row.failure !== undefined && { failure: row.failure }),
    })),
    more: gap > SHOWN,
    unread: unread.slice(0, SHOWN).map(({ since, ...rest }) => ({ ...rest, since: iso(since) })),
    unreadTotal: unread.length,
  });
  const ids = { policy: run.policy, runId: run.runId };
  return { id, type: event.type, at: finishedAt, body: JSON.stringify(event), ids };
}
