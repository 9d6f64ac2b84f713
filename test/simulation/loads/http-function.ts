import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type HttpHandler, httpStack } from '../../../lib/runtime/http-stack.ts';
import type { Problem } from '../../../lib/runtime/problem.ts';
import { context } from '../../fakes/lambda.ts';
import type { Container } from '../container.ts';
import { ContainerPool } from '../container-pool.ts';
import type { Deployment, HttpAnswer } from '../deployment.ts';
import type { World } from '../world.ts';

/** As in serverless.yml. */
const HTTP_TIMEOUT_MS = 29_000;

export type HttpFunction = ContainerPool<APIGatewayProxyEventV2, HttpAnswer>;

/** One more function behind the API. */
export function createHttpFunction(
  world: World,
  deployment: Deployment,
  name: string,
  build: (container: Container) => HttpHandler,
  toProblem: (error: unknown) => Problem | undefined,
): HttpFunction {
  const pool: HttpFunction = new ContainerPool(world, {
    name,
    timeoutMs: HTTP_TIMEOUT_MS,
    build: (container) => {
      const handler = httpStack(build(container), toProblem);
      return async (event, getRemainingTimeInMillis) => {
        const { statusCode = 0, body = '' } = await handler(event, {
          ...context(),
          getRemainingTimeInMillis,
        });
        if (statusCode === 500 && container.faults === 0 && container.isAlive) {
          world.violate('no failure without a fault', `${event.routeKey} answered 500`);
        }
        return { status: statusCode, body, invocation: container.name };
      };
    },
  });
  deployment.add(pool);
  return pool;
}
