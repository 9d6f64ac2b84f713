import { readCurrent } from '../batches/read-current.ts';
import { selectFlowLogs } from '../batches/select-flow-logs.ts';
import type { FlowLogDetail } from '../batches/selector.ts';
import { recordDrift } from '../drift/record-drift.ts';
import type { Activation } from '../model/activation.ts';
import { ActivationError } from '../model/errors.ts';
import { flowLogKey } from '../model/ids.ts';
import { findGone } from './gone.ts';
import { judge, kindOf, shownOf } from './judge.ts';
import {
  contradicting,
  exclusionFor,
  type FlowLogPolicy,
  opposing,
  type Scope,
  selectorOf,
} from './policy.ts';
import { startRepairs } from './repairs.ts';
import { storeRows } from './row-pages.ts';
import { noCounts, type Row, type ScopeResult } from './run.ts';
import type { RunContext, ScopeDeps } from './run-deps.ts';
import { isWindowOpen } from './window.ts';

/**
 * Reads one account and region, starts what is to be repaired, and stores a row for each flow log. What cannot be read is
 * `unread`, with what the run before knew: it is neither compliant nor a gap. Never throws.
 */
export async function runScope(
  deps: ScopeDeps,
  context: RunContext,
  scope: Scope,
  previous: ScopeResult | undefined,
): Promise<ScopeResult> {
  try {
    const refusal = deps.scopeRefusal(scope);
    if (refusal !== undefined) throw new ActivationError('scope-refused', refusal);
    return await readAndRepair(deps, context, scope, previous);
  } catch (error) {
    const code = error instanceof ActivationError ? error.code : 'internal-error';
    const level = error instanceof ActivationError ? 'warn' : 'error';
    deps.log[level]('a policy could not read an account', { ...context.ids, ...scope, code, error });
    const since = previous?.unread?.since ?? deps.now();
    const before = previous ?? { pages: [], counts: noCounts(), kinds: {}, excluded: [] };
    return { ...before, ...scope, unread: { code, since } };
  }
}

async function readAndRepair(
  deps: ScopeDeps,
  context: RunContext,
  scope: Scope,
  previous: ScopeResult | undefined,
): Promise<ScopeResult> {
  const { policy, limit } = context;
  const readAt = deps.now();
  const selector = selectorOf(policy, scope);
  const before = (await deps.runs.readRows(policy.name, previous?.pages ?? [])).flat();
  const shown = await selectFlowLogs(deps, selector, {
    flowLogs: FLOW_LOGS_LIMIT,
    endAt: Math.min(limit.readUntil, readAt + SELECT_MS),
  });
  // What is not there is off.
  const gone =
    policy.desired === 'Inactive'
      ? []
      : await findGone(deps, context, scope, { before, shown, readAt, knownAt: previous?.readAt });
  const rowBefore = new Map(before.map((row) => [row.flowLogId, row]));
  const excluded = policy.exclusions.map(() => 0);
  const rows: Row[] = [];
  const judged: FlowLogDetail[] = [];
  for (const flowLog of shown) {
    const position = exclusionFor(policy, scope, flowLog, readAt);
    if (position === undefined) judged.push(flowLog);
    else {
      excluded[position] = (excluded[position] ?? 0) + 1;
      rows.push(excludedRow(flowLog, policy, position));
    }
  }
  const isGap = (flowLog: FlowLogDetail) => kindOf(flowLog, policy.desired) !== undefined;
  const isOrWasGap = (flowLog: FlowLogDetail) =>
    isGap(flowLog) || rowBefore.get(flowLog.flowLogId)?.state === 'gap';
  const candidates = judged.filter(isOrWasGap);
  const ids = candidates.map(({ flowLogId }) => flowLogId);
  const current = await readCurrent(deps.store, scope, ids);
  const activations = new Map(current.activations.map((one) => [one.flowLogId, one]));
  const unreadable = new Set(current.unreadable.map(({ flowLogId }) => flowLogId));
  await recordDrifts(deps, candidates, activations, readAt);

  const opposed = opposing(context.policies, policy, scope);
  const windowOpen = isWindowOpen(policy.window, deps.now());
  const starting: Row[] = [];
  for (const flowLog of judged) {
    const { flowLogId } = flowLog;
    const { row, start } = judge(
      {
        flowLog,
        previous: rowBefore.get(flowLogId),
        activation: unreadable.has(flowLogId) ? 'unreadable' : activations.get(flowLogId),
        contradictedBy: isGap(flowLog) ? contradicting(opposed, scope, flowLog, readAt) : [],
        readAt,
      },
      { policy, windowOpen, mayDeactivate: context.mayDeactivate, replicaLagMs: deps.policy.replicaLagMs },
    );
    rows.push(row);
    if (start) starting.push(row);
  }
  rows.push(...gone);
  await startRepairs(deps, context, selector, starting);
  rows.sort((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1));
  const pages = await storeRows(deps.runs, policy.name, rows, previous?.pages ?? [], deps.now());
  return { ...scope, readAt, pages, excluded, ...countsOf(rows, readAt) };
}

/** As many as a schedule takes. */
const FLOW_LOGS_LIMIT = 50_000;
/** An account that gives no usable reply must not use up the time of the run. */
const SELECT_MS = 600_000;

function excludedRow(flowLog: FlowLogDetail, policy: FlowLogPolicy, position: number): Row {
  const { reason = '', until } = policy.exclusions[position] ?? {};
  const excludedBy = { rule: position + 1, reason, ...(until !== undefined && { until }) };
  return { ...shownOf(flowLog), state: 'excluded', excludedBy };
}

/** As the drift check does: a drift begins, and ends, with the next thing that sees it. */
async function recordDrifts(
  deps: ScopeDeps,
  flowLogs: FlowLogDetail[],
  activations: Map<string, Activation>,
  readAt: number,
): Promise<void> {
  const driftDeps = { ...deps, replicaLagMs: deps.policy.replicaLagMs };
  for (const flowLog of flowLogs) {
    const activation = activations.get(flowLog.flowLogId);
    if (activation?.status !== 'completed' || activation.desired !== undefined) continue;
    const change = await recordDrift(driftDeps, activation, flowLog, readAt);
    if (change === 'drifted') deps.metrics.count('DriftedFlowLogs');
  }
}

function countsOf(rows: Row[], readAt: number): Pick<ScopeResult, 'counts' | 'kinds'> {
  const counts = noCounts();
  const kinds: ScopeResult['kinds'] = {};
  for (const { state, kind, lastGap } of rows) {
    counts[state] += 1;
    if (kind !== undefined) kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (state === 'compliant' && lastGap?.endedAt === readAt && lastGap.activationId) counts.repaired += 1;
  }
  return { counts, kinds };
}

export function keyOfScope({ account, region }: Scope): string {
  return flowLogKey({ account, region, flowLogId: '' });
}
