import { toProblem } from '../../../functions/http/problems.ts';
import { handleStart } from '../../../functions/start-batch.ts';
import { handleSchedule } from '../../../functions/start-scheduled-batch.ts';
import { ActivationError } from '../../../lib/activation/errors.ts';
import { createDynamoDbPlanStore } from '../../../lib/aws/dynamodb-plan-store.ts';
import { createFlowLogFinder } from '../../../lib/volcengine/select-flow-logs.ts';
import { context } from '../../fakes/lambda.ts';
import type { Container } from '../container.ts';
import { adaptersOf, credentialsOf, httpDepsOf, limiterOf } from '../container-deps.ts';
import { ContainerPool } from '../container-pool.ts';
import type { Deployment } from '../deployment.ts';
import { networkFailure } from '../volcengine-answers.ts';
import type { World } from '../world.ts';
import { createHttpFunction } from './http-function.ts';

/** As in serverless.yml. */
const SCHEDULE_TIMEOUT_MS = 900_000;

/** `POST /batches`, and what a schedule invokes. */
export function createBatchFunctions(world: World, deployment: Deployment) {
  const start = createHttpFunction(
    world,
    deployment,
    'batches',
    (container) => {
      const deps = batchDepsOf(container, world);
      return (event, lambda) => handleStart(deps, event, lambda);
    },
    toProblem,
  );
  const schedule = new ContainerPool<unknown, unknown>(world, {
    name: 'schedule',
    timeoutMs: SCHEDULE_TIMEOUT_MS,
    build: (container) => {
      const deps = batchDepsOf(container, world);
      return async (event, getRemainingTimeInMillis) => {
        try {
          return await handleSchedule(deps, event, { ...context(), getRemainingTimeInMillis });
        } catch (error) {
          // What Volcengine refuses, such as a key that was replaced, is no fault of a container, but an excuse for it.
          if (error instanceof ActivationError) container.faults += 1;
          throw error;
        }
      };
    },
  });
  deployment.add(schedule);
  return { start, schedule };
}

function batchDepsOf(container: Container, world: World) {
  const { wire, volcengine, accounts, policy, random } = world;
  const adapters = adaptersOf(container, world);
  return {
    ...adapters,
    ...httpDepsOf(container, world),
    plans: createDynamoDbPlanStore(
      adapters.dynamoDbClient,
      'activations',
      () => random.hex(8),
      adapters,
      container.sleep,
    ),
    limiter: limiterOf(container, world, 'selection'),
    sleep: container.sleep,
    newPlanId: () => `p-${random.hex(32)}`,
    finder: createFlowLogFinder({
      clock: adapters.now,
      credentials: credentialsOf(container, world),
      transport: {
        host: 'open.volcengineapi.com',
        close: async () => {},
        get: (request) =>
          wire.exchange(container, {
            service: 'volcengine',
            kind: 'find flow logs',
            about: '',
            apply: () => accounts.answer(request, (own) => volcengine.answer(own, container.caller)),
            lost: () => networkFailure(random),
            timeoutMs: policy.callTimeoutMs,
            latestArrivalMs: policy.callTimeoutMs - 1,
          }),
      },
    }),
  };
}
