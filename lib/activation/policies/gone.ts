import { inChunks } from '../../runtime/concurrency.ts';
import type { FlowLogDetail } from '../batches/selector.ts';
import { DESCRIBE_LIMIT } from '../describe/describe-isolated.ts';
import { describeForDrift } from '../drift/describe-for-drift.ts';
import { DescribeFailed } from '../model/errors.ts';
import { exclusionFor, type Scope } from './policy.ts';
import type { Row } from './run.ts';
import type { RunContext, ScopeDeps } from './run-deps.ts';

/** How long a flow log that does not exist any more is named. */
const NAMED_MS = 30 * 86_400_000;

type Seen = { before: Row[]; shown: FlowLogDetail[]; readAt: number; knownAt: number | undefined };

/**
 * The rows of flow logs that the run before knew and the selection does not show any more. Each is asked about by its id:
 * one that DescribeFlowLogs shows is only out of the filter, and leaves the report. Without a filter a replica or a page
 * has left it out: it stays as it was, and the next run asks again. A gone one is named for 30 days, and not asked about.
 * Throws DescribeFailed if it cannot be told.
 */
export async function findGone(
  deps: ScopeDeps,
  { policy, isSameSelection, limit }: RunContext,
  scope: Scope,
  { before, shown, readAt, knownAt = readAt }: Seen,
): Promise<Row[]> {
  const present = new Set(shown.map(({ flowLogId }) => flowLogId));
  const missing = before.filter(
    (row) =>
      !present.has(row.flowLogId) &&
      row.state !== 'excluded' &&
      exclusionFor(policy, scope, detailOf(row), readAt) === undefined,
  );
  const known = missing.filter(({ kind, since = 0 }) => kind === 'gone' && readAt - since < NAMED_MS);
  const vanished = isSameSelection ? missing.filter(({ kind }) => kind !== 'gone') : [];
  // A replica may lag: what was there just now is not gone yet.
  if (readAt - knownAt < deps.policy.replicaLagMs) return [...known, ...vanished];

  const hasFilter = Object.keys(policy.selector).length > 0;
  const missed: Row[] = [];
  const gone: Row[] = [];
  for (const rows of inChunks(vanished, DESCRIBE_LIMIT)) {
    const ids = rows.map(({ flowLogId }) => flowLogId);
    const { observations, accountFailure } = await describeForDrift(deps, scope, ids, limit.readUntil);
    if (accountFailure !== undefined) throw new DescribeFailed(accountFailure);
    for (const row of rows) {
      const kind = observations.get(row.flowLogId)?.observation.kind;
      if (kind === 'absent') gone.push(goneRow(row, readAt));
      else if (kind === 'shown') missed.push(row);
      else throw new DescribeFailed(`it says nothing about ${row.flowLogId}`);
    }
  }
  return [...known, ...gone, ...(hasFilter ? [] : missed)];
}

function goneRow({ flowLogId, name, state, since }: Row, readAt: number): Row {
  return {
    flowLogId,
    name,
    status: 'Absent',
    state: 'gap',
    kind: 'gone',
    since: state === 'gap' ? since : readAt,
    repair: 'impossible',
  };
}

/** Only its id and name are known. */
function detailOf({ flowLogId, name, status }: Row): FlowLogDetail {
  const unknown = { resourceType: '', resourceId: '', vpcId: '', project: '', tags: [] };
  return { flowLogId, name, status, locked: false, ...unknown };
}
