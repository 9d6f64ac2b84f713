import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type fc from 'fast-check';
import { toProblem as toApiProblem } from '../../lib/api/problems/error-to-problem.ts';
import { type HttpHandler, httpHandler } from '../../lib/http/http-handler.ts';
import { context } from '../support/fakes/lambda.ts';
import { checkDocumented } from './document-check.ts';
import { checkAnswer } from './http-answer.ts';
import { eventOf, type HttpInput } from './http-input.ts';
import { defineLoggingSurface } from './output.ts';
import { require, type Surface } from './surface.ts';
import { createWorld, type World } from './world.ts';

type RouteSurface = {
  /** As API Gateway names it: `POST /activations`. */
  routeKey: string;
  /** The route, if not given. */
  name?: string;
  inputs: fc.Arbitrary<HttpInput>;
  handle: (world: World) => HttpHandler;
  /** The API's, if not given. */
  toProblem?: typeof toApiProblem;
  /** A 503 because of what the activation is doing just now is no answer to bad input. */
  dependsOnState?: boolean;
  /** What else must hold once it was accepted. */
  whenAccepted?: (event: APIGatewayProxyEventV2, body: unknown, world: World) => void;
  hasBothVerdicts?: boolean;
};

/** The real stack and handler against in-memory ports. A refused request leaves no trace in them. */
export function httpSurface(route: RouteSurface): Surface {
  const {
    routeKey,
    name = routeKey,
    inputs,
    handle,
    toProblem = toApiProblem,
    dependsOnState = false,
    whenAccepted,
    hasBothVerdicts = true,
  } = route;
  return defineLoggingSurface({
    name,
    inputs,
    hasBothVerdicts,
    async probe(input) {
      const world = createWorld();
      const { event, target } = eventFor(routeKey, input);
      const answer = await httpHandler(handle(world), toProblem)(event, context());
      const verdict = checkAnswer(answer, dependsOnState);
      if (isReachable(input)) checkDocumented(event, target, answer);
      if (verdict === 'refused') {
        require(world.store.writes.length === 0, () => `refused, but written: ${world.store.writes}`);
        require(world.queue.enqueued.length === 0, 'refused, but a job was enqueued');
      } else {
        whenAccepted?.(event, JSON.parse(answer.body ?? 'null'), world);
      }
      return verdict;
    },
  });
}

/** `$default` takes any method and path; the others have theirs, with the parameters filled in. */
function eventFor(routeKey: string, input: HttpInput): { event: APIGatewayProxyEventV2; target: string } {
  if (routeKey === '$default') {
    const { method = 'GET', path = '/' } = input.pathParameters;
    return { event: eventOf({ ...input, pathParameters: {} }, routeKey, method, path), target: path };
  }
  const [method = '', pattern = ''] = routeKey.split(' ');
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((input.pathParameters[name] ?? '').toWellFormed()),
  );
  return { event: eventOf(input, routeKey, method, path), target: path };
}

/** API Gateway matches the decoded path: a parameter is never empty, and has no slash. It declares what it sends. */
function isReachable({ misdeclared, pathParameters: { path: _, ...parameters } }: HttpInput): boolean {
  const values = Object.values(parameters);
  return misdeclared === undefined && values.every((value) => value !== '' && !value.includes('/'));
}
