import * as v from 'valibot';

/** A function's error as Lambda passes it on. */
export const InvocationError = v.object({
  errorType: v.string(),
  errorMessage: v.string(),
  trace: v.array(v.string()),
});

export type InvocationError = v.InferOutput<typeof InvocationError>;

/** How an invocation ended: `payload` is the handler's result as JSON. */
export type InvocationResult = { ok: true; payload: string } | { ok: false; error: InvocationError };

/** The message to the thread that starts an invocation. */
export const InvocationRequest = v.object({
  requestId: v.string(),
  payload: v.string(),
  /** Milliseconds since the epoch. */
  deadlineAt: v.number(),
});

export type InvocationRequest = v.InferOutput<typeof InvocationRequest>;

/** A message of the thread: first the result of its initialisation, then one result per invocation. */
export const ThreadMessage = v.variant('type', [
  v.object({ type: v.literal('initialised') }),
  v.object({ type: v.literal('result'), payload: v.string() }),
  v.object({ type: v.literal('error'), error: InvocationError }),
]);

export type ThreadMessage = v.InferOutput<typeof ThreadMessage>;

/** The data that a thread needs to be a container of a function. */
export const ContainerData = v.object({
  bundlePath: v.string(),
  exportName: v.string(),
  functionName: v.string(),
  arn: v.string(),
  memoryMb: v.number(),
  logStreamName: v.string(),
});

export type ContainerData = v.InferOutput<typeof ContainerData>;

export function toInvocationError(error: unknown): InvocationError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}
