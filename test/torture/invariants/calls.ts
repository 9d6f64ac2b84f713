import type { Evidence } from '../ledger.ts';
import type { SeenActivation } from '../observations.ts';
import { duplicate, type Violation, wrong } from '../violation.ts';

/**
 * One ClientToken for each activation and generation; a flow log is started at most once, and only while an
 * activation of it is open.
 */
export function callViolations({ calls, activations, flowLogs }: Evidence): Violation[] {
  const found: Violation[] = [];
  const byFlowLog = Map.groupBy(activations, ({ flowLogId }) => flowLogId);
  const active = calls.filter(({ action }) => action === 'ActiveFlowLog');

  for (const [flowLogId, made] of Map.groupBy(active, ({ flowLogIds }) => flowLogIds.join())) {
    const own = byFlowLog.get(flowLogId) ?? [];
    const tokens = new Set(made.map(({ clientToken }) => clientToken));
    if (tokens.has(undefined)) found.push(wrong(`${flowLogId}: called without a ClientToken`));
    const generations = own.reduce((sum, { generation }) => sum + generation, 0);
    if (tokens.size > generations) {
      found.push(duplicate(`${flowLogId}: ${tokens.size} ClientTokens for ${generations} generations`));
    }
    for (const { at, effective } of made) {
      if (!effective || own.some((activation) => wasOpen(activation, at))) continue;
      found.push(duplicate(`${flowLogId}: started at ${at}, when no activation of it was open`));
    }
  }
  for (const [token, made] of Map.groupBy(active, ({ clientToken }) => clientToken)) {
    const ids = new Set(made.flatMap(({ flowLogIds }) => flowLogIds));
    if (ids.size > 1) found.push(wrong(`the ClientToken ${token} names ${[...ids].join(', ')}`));
  }
  for (const { flowLogId, effectiveActivations } of flowLogs) {
    if (effectiveActivations > 1) {
      found.push(duplicate(`${flowLogId}: started ${effectiveActivations} times`));
    }
  }
  return found;
}

function wasOpen({ createdAt, finishedAt }: SeenActivation, at: number): boolean {
  return createdAt <= at && at <= (finishedAt ?? Number.POSITIVE_INFINITY);
}
