import { isOpen } from '../model/activation.ts';
import type { ActivationStore } from '../model/ports.ts';
import { categoryOf, eachCategory, type PlanCategory, type PlannedFlowLogs } from './plan.ts';
import { readCurrent } from './read-current.ts';
import { type SelectDeps, type SelectionLimit, selectFlowLogs } from './select-flow-logs.ts';
import type { Selector } from './selector.ts';

export type PlanDeps = SelectDeps & { store: ActivationStore };

/** Returns the category of each flow log that matches now. Writes nothing. Throws the errors of selectFlowLogs. */
export async function planFlowLogs(
  deps: PlanDeps,
  selector: Selector,
  limit: SelectionLimit,
): Promise<PlannedFlowLogs> {
  const flowLogs = await selectFlowLogs(deps, selector, limit);
  const ids = flowLogs.map(({ flowLogId }) => flowLogId);
  const opened = await openAmong(deps.store, selector, ids);
  const planned = Map.groupBy(
    flowLogs,
    (flowLog): PlanCategory => categoryOf(flowLog, opened.get(flowLog.flowLogId), selector),
  );
  return eachCategory((category) => (planned.get(category) ?? []).map(({ flowLogId }) => flowLogId));
}

/** The category of each flow log that has an open record. One that is being deactivated cannot be joined. */
async function openAmong(
  store: ActivationStore,
  selector: Selector,
  flowLogIds: string[],
): Promise<Map<string, PlanCategory>> {
  const { activations } = await readCurrent(store, selector, flowLogIds);
  return new Map(
    activations
      .filter(isOpen)
      .map(({ flowLogId, desired }) => [flowLogId, desired === undefined ? 'alreadyOpen' : 'otherStatus']),
  );
}
