import type { IncomingMessage } from 'node:http';
import { invokeAsync } from '../functions-runner/async-invoker.ts';
import { type LambdaFunction, ThrottledError } from '../functions-runner/lambda-function.ts';
import type { SourceLog } from '../logs/log-record.ts';
import { readBody } from '../read-body.ts';
import { functionNameOf } from '../template/functions.ts';
import type { HttpResponse } from './handler-response.ts';

export type InvokeApiOptions = {
  functions: ReadonlyMap<string, LambdaFunction>;
  log: SourceLog;
  /** Stops asynchronous invocations. */
  signal: AbortSignal;
};

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's quotas for the payload of each invocation type. */
const BODY_LIMIT_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024, DryRun: 6 * 1024 * 1024 };

/** The function that a path of Lambda's Invoke API names, as it names it; undefined for any other path. */
export function invokedFunction(decodedPath: string): string | undefined {
  return INVOKE_PATH.exec(decodedPath)?.[1];
}

/**
 * Lambda's Invoke action, unsigned: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. A function goes
 * by its name or ARN, and, here only, by its key in serverless.yml.
 */
export async function respondToInvocation(
  { functions, log, signal }: InvokeApiOptions,
  name: string,
  request: IncomingMessage,
): Promise<HttpResponse> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type !== 'RequestResponse' && type !== 'Event' && type !== 'DryRun') {
    return failure(400, 'InvalidParameterValueException', `Unknown invocation type: ${type}`);
  }
  const limit = BODY_LIMIT_BYTES[type];
  const body = await readBody(request, limit);
  if (!body) return failure(413, 'RequestTooLargeException', `Request must be smaller than ${limit} bytes`);
  const lambda = functions.get(functionNameOf(name)) ?? byKey(functions, name);
  if (!lambda) return failure(404, 'ResourceNotFoundException', `Function not found: ${name}`);
  if (type === 'DryRun') return response(204, '');
  const event = parse(body);
  if (!event.ok)
    return failure(400, 'InvalidRequestContentException', `Could not parse request body into json`);
  if (type === 'RequestResponse') return invoke(lambda, event.value);

  invokeAsync(lambda, event.value, { log, signal }).catch((error: unknown) => {
    log('ERROR', 'Asynchronous invocation failed', { error: String(error) });
  });
  return response(202, '');
}

async function invoke(lambda: LambdaFunction, event: unknown): Promise<HttpResponse> {
  try {
    const result = await lambda.invoke(event);
    const version = { 'x-amz-executed-version': '$LATEST' };
    if (result.ok) return response(200, result.payload, version);
    return response(200, JSON.stringify(result.error), { ...version, 'x-amz-function-error': 'Unhandled' });
  } catch (error) {
    if (error instanceof ThrottledError) return failure(429, error.name, 'Rate Exceeded.');
    throw error;
  }
}

function byKey(functions: ReadonlyMap<string, LambdaFunction>, key: string): LambdaFunction | undefined {
  return [...functions.values()].find(({ definition }) => definition.key === key);
}

/** An invocation without a payload has an empty event. */
function parse(body: Buffer): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: body.length === 0 ? {} : JSON.parse(body.toString()) };
  } catch {
    return { ok: false };
  }
}

function response(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body) };
}

function failure(status: number, type: string, Message: string): HttpResponse {
  return response(status, JSON.stringify({ Type: 'User', Message }), { 'x-amzn-errortype': type });
}
