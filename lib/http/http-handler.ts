import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { log, telemetry } from '../runtime/telemetry.ts';
import { httpProblem, Problem, problemResponse } from './problem.ts';

/** Without a body for a status that has none. */
export type HttpResponse = { status: number; body?: unknown; headers?: Record<string, string> };
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<HttpResponse>;

const UNEXPECTED = httpProblem('internal-error', {
  detail: 'the same request can be sent again, with the same Idempotency-Key if it had one',
});

/**
 * The stack of every HTTP function: JSON out, problems as RFC 9457, one log line a request. `toProblem` turns
 * the use cases' errors into answers; what it does not know is logged whole and answered as a bare 500.
 */
export function httpHandler(handle: HttpHandler, toProblem: (error: unknown) => Problem | undefined) {
  const answer = async (event: APIGatewayProxyEventV2, context: Context) => {
    try {
      const { status, body, headers } = await handle(event, context);
      if (body === undefined) return { statusCode: status, ...(headers && { headers }) };
      return {
        statusCode: status,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      };
    } catch (error) {
      const problem = error instanceof Problem ? error : toProblem(error);
      const { details } = problem ?? UNEXPECTED;
      if (details.code === UNEXPECTED.details.code) log.error('request failed', { error });
      return problemResponse(details);
    }
  };

  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>()
    .use(telemetry)
    .handler(
      async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
        const startedAt = performance.now();
        const response = await answer(event, context);
        const { method, path } = event.requestContext.http;
        log.info(`${method} ${path} ${response.statusCode}`, {
          status: response.statusCode,
          ms: Math.round(performance.now() - startedAt),
        });
        return response;
      },
    );
}
