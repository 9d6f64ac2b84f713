import type { CallFailure } from '../model/outcome.ts';
import type { Plan, PlanExecution } from './plan.ts';
import type { FlowLogDetail, FlowLogFilter } from './selector.ts';

/** `nextToken` gets the next page. The last page has none. */
export type FlowLogPage = { kind: 'page'; flowLogs: FlowLogDetail[]; nextToken?: string };

/** DescribeFlowLogs as a paged list. Never throws for an error of Volcengine or the network. */
export interface FlowLogFinder {
  /** Makes one call and returns one complete page. A page that cannot be read completely is a `retry`. */
  page(
    scope: { account: string; region: string },
    filter: FlowLogFilter,
    nextToken?: string,
  ): Promise<FlowLogPage | CallFailure>;
}

/** The stored plans. A plan cannot be replaced before it expires (PLAN_LIFE_MS). Reads are strongly consistent. */
export interface PlanStore {
  /**
   * Writes the whole plan or nothing. If a plan with its id exists and is not expired, returns that one and writes
   * nothing.
   */
  create(plan: Plan): Promise<Plan | undefined>;
  /** Undefined if there is no plan with this id, or if it is expired at `now`. */
  read(planId: string, now: number): Promise<Plan | undefined>;
  /** Stores the execution if the plan has none. False if it has one, or if another plan has replaced this one. */
  markExecuted(plan: Plan, execution: PlanExecution): Promise<boolean>;
}
