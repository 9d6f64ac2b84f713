import { PLAN_CATEGORIES, type PlanCategory, type PlannedFlowLogs, startable } from './plan.ts';

/** The differences between a plan and the current flow logs that change what would be started: counts and first ids. */
export type PlanDifference = {
  /** Not in the plan, and would be started now. */
  appeared: { count: number; flowLogIds: string[] };
  /** The plan would start it, but the selector no longer matches it. */
  gone: { count: number; flowLogIds: string[] };
  /** Matched both times, but only one of the two would start it. */
  changed: { count: number; flowLogs: { flowLogId: string; from: PlanCategory; to: PlanCategory }[] };
};

const SHOWN_LIMIT = 100;

/** Returns undefined if both would start the same flow logs. */
export function differenceOf(planned: PlannedFlowLogs, now: PlannedFlowLogs): PlanDifference | undefined {
  const before = categoriesOf(planned);
  const after = categoriesOf(now);
  const wasStarted = new Set(startable(planned));
  const isStarted = new Set(startable(now));
  const differing = [...wasStarted.symmetricDifference(isStarted)].sort();
  if (differing.length === 0) return undefined;

  const moves = differing.map((flowLogId) => ({
    flowLogId,
    from: before.get(flowLogId),
    to: after.get(flowLogId),
  }));
  return {
    appeared: shown(moves.filter(({ from }) => from === undefined)),
    gone: shown(moves.filter(({ to }) => to === undefined)),
    changed: changedOf(moves),
  };
}

type Move = { flowLogId: string; from: PlanCategory | undefined; to: PlanCategory | undefined };

function shown(moves: Move[]): { count: number; flowLogIds: string[] } {
  const flowLogIds = moves.slice(0, SHOWN_LIMIT).map(({ flowLogId }) => flowLogId);
  return { count: moves.length, flowLogIds };
}

function changedOf(moves: Move[]): PlanDifference['changed'] {
  const flowLogs = moves.flatMap(({ flowLogId, from, to }) =>
    from !== undefined && to !== undefined ? [{ flowLogId, from, to }] : [],
  );
  return { count: flowLogs.length, flowLogs: flowLogs.slice(0, SHOWN_LIMIT) };
}

function categoriesOf(flowLogs: PlannedFlowLogs): Map<string, PlanCategory> {
  return new Map(
    PLAN_CATEGORIES.flatMap((category) =>
      flowLogs[category].map((flowLogId): [string, PlanCategory] => [flowLogId, category]),
    ),
  );
}
