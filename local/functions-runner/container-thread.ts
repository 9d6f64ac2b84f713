/** The inside of a container: a thread with the function's environment that loads the bundle and runs the handler. */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { ContainerData, InvocationRequest, type ThreadMessage, toInvocationError } from './invocation.ts';

const data = v.parse(ContainerData, workerData);
const Bundle = v.looseObject({ [data.exportName]: v.function(`${data.exportName} is not a function`) });

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

function lambdaContext({ requestId, deadlineAt }: InvocationRequest): Record<string, unknown> {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.arn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: data.logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
}

async function run(request: InvocationRequest): Promise<ThreadMessage> {
  try {
    const result: unknown = await handler?.(JSON.parse(request.payload), lambdaContext(request));
    return { type: 'result', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { type: 'error', error: toInvocationError(error) };
  }
}

const bundle: unknown = await import(pathToFileURL(data.bundlePath).href).catch((error: unknown) => {
  say({ type: 'error', error: toInvocationError(error) });
});
const loaded = v.safeParse(Bundle, bundle);
const handler = loaded.success ? loaded.output[data.exportName] : undefined;

if (handler) {
  parentPort?.on('message', async (message) => say(await run(v.parse(InvocationRequest, message))));
  say({ type: 'initialised' });
} else if (bundle !== undefined) {
  const errorMessage = `${data.bundlePath} exports no function ${data.exportName}`;
  say({ type: 'error', error: { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] } });
}
