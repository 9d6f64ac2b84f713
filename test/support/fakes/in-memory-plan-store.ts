import { PLAN_LIFE_MS, type Plan, type PlanExecution } from '../../../lib/activation/batches/plan.ts';
import type { PlanStore } from '../../../lib/activation/batches/ports.ts';

/** The port in a Map: every method a single step, every plan copied in and out. Proven by the store's shared suite. */
export class InMemoryPlanStore implements PlanStore {
  readonly plans = new Map<string, Plan>();

  async create(plan: Plan): Promise<Plan | undefined> {
    const existing = this.live(plan.planId, plan.createdAt);
    if (existing) return existing;
    this.plans.set(plan.planId, structuredClone(plan));
    return undefined;
  }

  async read(planId: string, now: number): Promise<Plan | undefined> {
    return this.live(planId, now);
  }

  private live(planId: string, now: number): Plan | undefined {
    const plan = this.plans.get(planId);
    return plan && plan.createdAt > now - PLAN_LIFE_MS ? structuredClone(plan) : undefined;
  }

  async markExecuted(plan: Plan, execution: PlanExecution): Promise<boolean> {
    const stored = this.plans.get(plan.planId);
    if (stored?.createdAt !== plan.createdAt || stored.execution) return false;
    this.plans.set(plan.planId, structuredClone({ ...stored, execution }));
    return true;
  }
}
