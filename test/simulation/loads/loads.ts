import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { createAccountLoad } from './accounts.ts';
import { createDeactivationLoad } from './deactivations.ts';
import { createExpiryLoad } from './expiry.ts';
import { createFinalRound } from './final-round.ts';
import { createListLoad } from './lists.ts';
import type { Load, LoadName } from './load.ts';
import { createOperatorLoad } from './operators.ts';
import { createPlanLoad } from './plans.ts';
import { createRefusalLoad } from './refusal-load.ts';
import { createReleaseLoad } from './releases.ts';
import { createScheduleLoad } from './schedules.ts';
import { createWebhooksInLoad } from './webhooks-in.ts';
import { createWebhooksOutLoad } from './webhooks-out.ts';

const CREATE: Record<LoadName, (environment: Environment, deployment: Deployment, withinMs: number) => Load> =
  {
    accounts: createAccountLoad,
    lists: createListLoad,
    plans: createPlanLoad,
    schedules: createScheduleLoad,
    'webhooks in': createWebhooksInLoad,
    'webhooks out': createWebhooksOutLoad,
    refusals: createRefusalLoad,
    'final round': createFinalRound,
    releases: createReleaseLoad,
    expiry: createExpiryLoad,
    operators: createOperatorLoad,
    deactivations: createDeactivationLoad,
    // More flow logs, of which its callers ask at once: environment.ts and callers.ts.
    crowd: () => ({ isDone: () => true, atRest: async () => {} }),
  };

/** Those of this schedule; they begin what they do within `withinMs`. */
export function createLoads(environment: Environment, deployment: Deployment, withinMs: number): Load[] {
  return [...environment.loads].map((name) => CREATE[name](environment, deployment, withinMs));
}
