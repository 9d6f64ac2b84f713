import { NotFound } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { Plan } from './plan.ts';
import type { PlanStore } from './ports.ts';

/** Throws NotFound and RecordUnreadable. */
export async function readPlan(
  { plans, now }: { plans: Pick<PlanStore, 'read'>; now: Clock },
  planId: string,
): Promise<Plan> {
  const plan = await plans.read(planId, now());
  if (plan === undefined) throw new NotFound('plan');
  return plan;
}
