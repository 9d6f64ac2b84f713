import { ContainerPool } from '../../support/virtual/container-pool.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import { createHttpFunction } from './http-function.ts';

/** `POST /batches`, and what a schedule invokes. */
export function createBatchFunctions(environment: Environment, deployment: Deployment) {
  const start = createHttpFunction(environment, deployment, 'batches', (functions) => functions.start());
  const schedule = new ContainerPool<unknown, unknown>(environment, {
    name: 'schedule',
    build: (functions) => functions.schedule(),
  });
  deployment.add(schedule);
  return { start, schedule };
}
