import type { CallFailure } from '../model/outcome.ts';
import type { Plan, PlanExecution } from './plan.ts';
import type { FlowLogDetail, FlowLogFilter } from './selector.ts';

/** `nextToken` asks for the page behind it; without one this was the last. */
export type FlowLogPage = { kind: 'page'; flowLogs: FlowLogDetail[]; nextToken?: string };

/** DescribeFlowLogs as a list. Never throws for anything that Volcengine or the network does. */
export interface FlowLogFinder {
  /** One call, one whole page: a page of which anything could not be read is a `retry`. */
  page(
    scope: { account: string; region: string },
    filter: FlowLogFilter,
    nextToken?: string,
  ): Promise<FlowLogPage | CallFailure>;
}

/** The stored plans. The first plan under an id stays, until its life is over. Reads are strongly consistent. */
export interface PlanStore {
  /** Writes the plan, whole or not at all, unless a live one with its id exists, which is then returned. */
  create(plan: Plan): Promise<Plan | undefined>;
  /** Undefined for an id that no plan has, or whose plan's life is over at `now`. */
  read(planId: string, now: number): Promise<Plan | undefined>;
  /** Only the first time; false when it is being carried out already, or has been replaced. */
  markExecuted(plan: Plan, execution: PlanExecution): Promise<boolean>;
}
