import { type Plan, viewOf } from '../../activation/batches/plan.ts';
import { batchIdsOf } from '../../activation/batches/start-planned.ts';
import type { PlanResponse, StoredPlanResponse } from './batch-responses.ts';
import { iso } from './iso-time.ts';

export function planView({ planId, selector, flowLogs }: Plan): PlanResponse {
  return { planId, selector, ...viewOf(flowLogs) };
}

export function storedPlanView(plan: Plan): StoredPlanResponse {
  const { createdAt, requestedBy, execution } = plan;
  return {
    ...planView(plan),
    createdAt: iso(createdAt),
    requestedBy,
    ...(execution && {
      execution: {
        at: iso(execution.at),
        source: execution.source,
        requestedBy: execution.requestedBy,
        batchIds: batchIdsOf(plan),
      },
    }),
  };
}
