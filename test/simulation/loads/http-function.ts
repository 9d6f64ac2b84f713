import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Container } from '../../support/virtual/container.ts';
import { ContainerPool } from '../../support/virtual/container-pool.ts';
import type { FunctionName, Functions, Invoke } from '../../support/virtual/functions.ts';
import type { Environment } from '../environment.ts';

export type HttpResponse = { status: number; body: string; invocation: string };

type HttpFunction = ContainerPool<APIGatewayProxyEventV2, HttpResponse>;

/** One more function behind the API. */
export function createHttpFunction(
  environment: Environment,
  deployment: { add: (pool: { containers: Container[] }) => void },
  name: FunctionName,
  build: (functions: Functions) => ReturnType<Functions['http']>,
): HttpFunction {
  const pool: HttpFunction = new ContainerPool(environment, {
    name,
    build: (functions, container): Invoke<APIGatewayProxyEventV2, HttpResponse> => {
      const handle = build(functions);
      return async (event, remainingMs) => {
        const invocation = container.name;
        const { statusCode = 0, body = '' } = await handle(event, remainingMs);
        if (statusCode === 500 && container.faults === 0 && container.isAlive) {
          environment.violate('no failure without a fault', `${event.routeKey} answered 500`);
        }
        return { status: statusCode, body, invocation };
      };
    },
  });
  deployment.add(pool);
  return pool;
}
