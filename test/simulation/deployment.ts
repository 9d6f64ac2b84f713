import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Container } from '../support/virtual/container.ts';
import { ContainerPool } from '../support/virtual/container-pool.ts';
import { deployWorkflow } from '../support/virtual/workflow.ts';
import type { Environment } from './environment.ts';
import { createHttpFunction, type HttpResponse } from './loads/http-function.ts';

const POLLED_EVERY_MS = 60_000;
/** More than as deployed, so that they compete for the quota. */
const WORKERS_OF_A_CROWD = 8;
/** Short ones stop in the middle. */
const DRIFT_TIMEOUTS_MS = [301_000, 301_000, 900_000] as const;

export type Deployment = ReturnType<typeof createDeployment>;

/** The functions as Lambda runs them: the real handlers over the real adapters on simulated wires. */
export function createDeployment(environment: Environment) {
  const { random, sqs, loads } = environment;
  const { worker, poller } = deployWorkflow(environment, sqs, {
    // A window would only hide moments at which a job can come.
    batchingWindowMs: 0,
    ...(loads.has('crowd') && { maximumConcurrency: WORKERS_OF_A_CROWD }),
  });
  const drift = new ContainerPool<undefined, void>(environment, {
    name: 'drift',
    timeoutMs: random.pick(DRIFT_TIMEOUTS_MS),
    build: (functions) => functions.drift(),
  });
  const pools: { containers: Container[] }[] = [worker, poller];
  const add = (pool: { containers: Container[] }) => void pools.push(pool);
  const http = createHttpFunction(environment, { add }, 'http', (functions) => functions.http());
  add(drift);
  const containers = () => pools.flatMap((pool) => pool.containers);

  return {
    answer: (event: APIGatewayProxyEventV2): Promise<HttpResponse | undefined> => http.invoke(event),
    /** One more function, which is redeployed and ended with the others. */
    add,
    /** Where nothing goes wrong, only if there is something for it to do. */
    poll: async () => {
      const period = { from: 0, until: environment.time.now + POLLED_EVERY_MS };
      if ((environment.faults.isOn && !environment.isShipped) || environment.isAnyDue(period))
        await poller.invoke(undefined);
    },
    /** As the schedule does, whether or not there is something to do. */
    invokePoller: () => poller.invoke(undefined),
    checkDrift: () => drift.invoke(undefined),
    isIdle: () => containers().every(({ isBusy }) => !isBusy),
    /** All memory is lost: at once where nothing runs, else when that has ended or has been cut short. */
    redeploy() {
      environment.ticks?.redeployed();
      for (const container of containers()) {
        container.isRetired = true;
        if (!container.isBusy || random.chance(0.5)) container.kill();
      }
    },
    /** So that nothing of a schedule outlives it. */
    end() {
      for (const container of containers()) container.kill();
    },
  };
}
