import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { log, logKeys, telemetry } from '../runtime/telemetry.ts';
import { httpProblem, Problem, problemResponse } from './problem.ts';
import { requestIdsOf } from './request-ids.ts';

/** `body` is sent as JSON, `text` as it is, with its content type in `headers`. Without both the response has no body. */
export type HttpResponse = {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
};
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<HttpResponse>;

const UNEXPECTED = httpProblem('internal-error', {
  detail: 'the same request can be sent again, with the same Idempotency-Key if it had one',
});

/**
 * Wraps the handler of an HTTP function. Sends JSON, sends problems as RFC 9457, and logs one line per request. Each line
 * has the ids of the request, and each response has its id as X-Request-Id.
 * `toProblem` maps the errors of use cases to problems. An error that it does not know is logged in full and becomes a
 * 500 without details.
 */
export function httpHandler(handle: HttpHandler, toProblem: (error: unknown) => Problem | undefined) {
  const respond = async (event: APIGatewayProxyEventV2, context: Context) => {
    try {
      const { status, body, text, headers } = await handle(event, context);
      if (text !== undefined) return { statusCode: status, headers: { ...headers }, body: text };
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
        const ids = requestIdsOf(event);
        logKeys.add(ids);
        const response = await respond(event, context);
        const { http, requestId: gatewayRequestId } = event.requestContext;
        log.info(`${http.method} ${http.path} ${response.statusCode}`, {
          ...ids,
          httpStatus: response.statusCode,
          tookMs: Math.round(performance.now() - startedAt),
          ...(gatewayRequestId !== ids.callerRequestId && { gatewayRequestId }),
        });
        return { ...response, headers: { ...response.headers, 'x-request-id': ids.callerRequestId } };
      },
    );
}
