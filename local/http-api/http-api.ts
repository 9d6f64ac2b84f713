import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LambdaFunction, ThrottledError } from '../functions-runner/lambda-function.ts';
import type { SourceLog } from '../logs/log-record.ts';
import { readBody } from '../read-body.ts';
import type { RouteDefinition } from '../template/routes.ts';
import { gatewayError, type HttpResponse, handlerResponse } from './handler-response.ts';
import { invokedFunction, respondToInvocation } from './invoke-api.ts';
import { type LocalRoutesOptions, localRoute } from './local-routes.ts';
import { requestEvent, splitTarget } from './request-event.ts';
import { createRouter } from './router.ts';

export type HttpApiOptions = LocalRoutesOptions & {
  routes: RouteDefinition[];
  functions: ReadonlyMap<string, LambdaFunction>;
  accountId: string;
  log: SourceLog;
  /** Stops the asynchronous invocations of Lambda's Invoke API. */
  signal: AbortSignal;
  /** Called for each 5xx. */
  onServerError?: () => void;
};

/** Longer than a client keeps an idle connection, so that it does not send on a closing one. */
const KEEP_ALIVE_MS = 60_000;

/** API Gateway's quota for a payload. */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** The HTTP API of the template in front of its functions, what only the local world has, and Lambda's Invoke API. Not listening yet. */
export function createHttpApi(options: HttpApiOptions): Server {
  const match = createRouter(options.routes);
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const gatewayRequestId = randomUUID();
    const result = await respond(options, match, request, gatewayRequestId).catch((error: unknown) => {
      if (!request.destroyed)
        options.log('ERROR', 'Request failed', { gatewayRequestId, error: String(error) });
      return gatewayError(500, 'Internal Server Error');
    });
    if (result.status >= 500) options.onServerError?.();
    try {
      send(response, result, gatewayRequestId);
    } catch (error) {
      options.log('ERROR', 'The function gave an invalid header', { gatewayRequestId, error: String(error) });
      send(response, gatewayError(500, 'Internal Server Error'), gatewayRequestId);
    }
  });
}

/** Throws for a header that HTTP does not allow, before anything is sent. */
function send(response: ServerResponse, { status, headers, body }: HttpResponse, requestId: string): void {
  response
    .writeHead(status, { ...headers, 'content-length': body.length, 'apigw-requestid': requestId })
    .end(body);
}

async function respond(
  options: HttpApiOptions,
  match: ReturnType<typeof createRouter>,
  request: IncomingMessage,
  requestId: string,
): Promise<HttpResponse> {
  const { functions, accountId, log, signal } = options;
  const { method = 'GET', url: target = '/', headersDistinct: headers } = request;
  const { path } = splitTarget(target);
  const invoked = method === 'POST' ? invokedFunction(path) : undefined;
  if (invoked !== undefined) return respondToInvocation({ functions, log, signal }, invoked, request);
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (!body) return gatewayError(413, 'Request Entity Too Large');
  const local = await localRoute(options, { method, target, path, body });
  if (local) return local;
  const found = match(method, path);
  const lambda = found && functions.get(found.route.functionName);
  if (!found || !lambda) return gatewayError(404, 'Not Found');
  const event = requestEvent(
    { method, target, headers, body, sourceIp: request.socket.remoteAddress ?? '127.0.0.1' },
    {
      routeKey: found.route.routeKey,
      iam: found.route.iam,
      pathParameters: found.pathParameters,
      requestId,
      now: new Date(),
      accountId,
    },
  );
  return invoke(lambda, event, found.route.integrationTimeoutMs);
}

/** After the integration timeout the caller gets a response, but the function runs on until its own timeout. */
async function invoke(lambda: LambdaFunction, event: unknown, timeoutMs: number): Promise<HttpResponse> {
  const unavailable = gatewayError(503, 'Service Unavailable');
  const responded = new AbortController();
  try {
    const result = await Promise.race([
      lambda.invoke(event),
      sleep(timeoutMs, undefined, { signal: responded.signal }),
    ]);
    if (!result) return unavailable;
    return result.ok ? handlerResponse(result.payload) : gatewayError(500, 'Internal Server Error');
  } catch (error) {
    if (error instanceof ThrottledError) return unavailable;
    throw error;
  } finally {
    responded.abort();
  }
}
