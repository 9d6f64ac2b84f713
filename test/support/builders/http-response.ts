import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { toProblem } from '../../../lib/api/problems/error-to-problem.ts';
import { type HttpHandler, httpHandler } from '../../../lib/http/http-handler.ts';
import { context } from '../fakes/lambda.ts';

/** What the caller of an HTTP function gets, its body parsed. */
export async function responseOf(handle: HttpHandler, event: APIGatewayProxyEventV2, remainingMs?: number) {
  const {
    statusCode,
    body = '{}',
    headers,
  } = await httpHandler(handle, toProblem)(event, context(remainingMs));
  return { status: statusCode, body: JSON.parse(body), headers };
}
