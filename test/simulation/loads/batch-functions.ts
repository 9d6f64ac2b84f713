import { ContainerPool } from '../container-pool.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { createHttpFunction } from './http-function.ts';

/** As in serverless.yml. */
const SCHEDULE_TIMEOUT_MS = 900_000;

/** `POST /batches`, and what a schedule invokes. */
export function createBatchFunctions(environment: Environment, deployment: Deployment) {
  const start = createHttpFunction(environment, deployment, 'batches', (functions) => functions.start());
  const schedule = new ContainerPool<unknown, unknown>(environment, {
    name: 'schedule',
    timeoutMs: SCHEDULE_TIMEOUT_MS,
    build: (functions) => functions.schedule(),
  });
  deployment.add(schedule);
  return { start, schedule };
}
