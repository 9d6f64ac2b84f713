import { hasEnded, selectionHash } from './policy.ts';
import type { OpenRun, RunStore } from './ports.ts';
import { type ExclusionResult, type GapRow, noCounts, type Run, runIdOf, type ScopeResult } from './run.ts';
import type { RunContext } from './run-deps.ts';
import { isWindowOpen } from './window.ts';

const GAPS_SHOWN = 100;

/** The run that all its scopes make. Of those that could not be read, only that. */
export async function summarize(
  runs: Pick<RunStore, 'readRows'>,
  { policy, plannedAt }: Pick<RunContext, 'policy' | 'plannedAt'>,
  { startedAt }: OpenRun,
  scopes: ScopeResult[],
  finishedAt: number,
): Promise<Run> {
  const read = scopes.filter(({ unread }) => unread === undefined);
  const counts = noCounts();
  const kinds: Run['kinds'] = {};
  for (const scope of read) {
    for (const key of ['gap', 'excluded', 'compliant', 'repaired'] as const) counts[key] += scope.counts[key];
    for (const kind of Object.keys(scope.kinds) as (keyof Run['kinds'])[])
      kinds[kind] = (kinds[kind] ?? 0) + (scope.kinds[kind] ?? 0);
  }
  const exclusions = policy.exclusions.map((exclusion, position): ExclusionResult => {
    const { reason, until } = exclusion;
    const matched = read.reduce((sum, { excluded }) => sum + (excluded[position] ?? 0), 0);
    const unused = read.length < scopes.length ? 'unknown' : 'stale';
    const state = hasEnded(exclusion, startedAt) ? 'ended' : matched > 0 ? 'applied' : unused;
    return { rule: position + 1, reason, ...(until !== undefined && { until }), matched, state };
  });
  const { name, desired, repair, everyMs } = policy;
  return {
    policy: name,
    runId: runIdOf(plannedAt),
    plannedAt,
    startedAt,
    finishedAt,
    desired,
    repair,
    everyMs,
    windowOpen: isWindowOpen(policy.window, finishedAt),
    selectionHash: selectionHash(policy),
    counts,
    kinds,
    exclusions,
    scopes,
    firstGaps: await firstGapsOf(runs, name, read),
  };
}

async function firstGapsOf(
  runs: Pick<RunStore, 'readRows'>,
  policy: string,
  scopes: ScopeResult[],
): Promise<GapRow[]> {
  const gaps: GapRow[] = [];
  for (const { account, region, pages } of scopes) {
    const ofGaps = pages.filter(({ state }) => state === 'gap').slice(0, 1);
    if (gaps.length >= GAPS_SHOWN || ofGaps.length === 0) continue;
    const rows = (await runs.readRows(policy, ofGaps)).flat();
    gaps.push(...rows.slice(0, GAPS_SHOWN - gaps.length).map((row) => ({ account, region, ...row })));
  }
  return gaps;
}
