import { randomUUID } from 'node:crypto';
import type { SourceLog } from '../logs/log-record.ts';
import type { FunctionDefinition } from '../template/functions.ts';
import { Container } from './container.ts';
import type { InvocationResult } from './invocation.ts';
import { Semaphore } from './semaphore.ts';

export type LambdaFunctionOptions = {
  definition: FunctionDefinition;
  bundlePath: string;
  environment: Record<string, string>;
  log: SourceLog;
  onLine: (line: string) => void;
  /** By how much the waits between retries are shorter than Lambda's. */
  speed?: number;
  /** Counts for CloudWatch, by the names of its metrics. */
  count?: (metric: 'Invocations' | 'Errors' | 'AsyncEventsDropped') => void;
};

/** The function's reserved concurrency is in use; Lambda's TooManyRequestsException. */
export class ThrottledError extends Error {
  override name = 'TooManyRequestsException';
}

/** Lambda waits a minute before the first retry of an asynchronous invocation and two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** The maximum number of containers. Further invocations wait, while AWS would start more containers. */
const CONTAINER_LIMIT = 8;

/** A function with its containers, warm ones reused, the latest used first. */
export class LambdaFunction {
  readonly definition: FunctionDefinition;
  readonly #options: LambdaFunctionOptions;
  readonly #slots = new Semaphore(CONTAINER_LIMIT);
  readonly #warm: Container[] = [];
  readonly #busy = new Set<Container>();
  #concurrency = 0;
  #closed = false;

  constructor(options: LambdaFunctionOptions) {
    this.#options = options;
    this.definition = options.definition;
  }

  /** True while the reserved concurrency, if any, leaves room for one more invocation. */
  get hasCapacity(): boolean {
    return this.#concurrency < (this.definition.reservedConcurrency ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Runs the handler once; a failing function is a result, not a rejection.
   * @throws ThrottledError when the reserved concurrency is in use.
   */
  async invoke(event: unknown): Promise<InvocationResult> {
    if (!this.hasCapacity) throw new ThrottledError(`${this.definition.functionName}: rate exceeded`);
    this.#concurrency += 1;
    this.#options.count?.('Invocations');
    try {
      return await this.#slots.run(() => this.#invokeInContainer(JSON.stringify(event)));
    } finally {
      this.#concurrency -= 1;
    }
  }

  /** The wait before the next try of an asynchronous invocation; undefined after the last one. */
  retryDelayMs(failures: number): number | undefined {
    const delayMs = RETRY_DELAYS_MS[failures - 1];
    return delayMs === undefined ? undefined : delayMs / (this.#options.speed ?? 1);
  }

  /** An asynchronous event is given up. */
  dropEvent(): void {
    this.#options.count?.('AsyncEventsDropped');
  }

  /** Ends all containers at once, without a log line. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#warm, ...this.#busy].map((container) => container.close()));
  }

  async #invokeInContainer(payload: string): Promise<InvocationResult> {
    const container = this.#takeWarm() ?? this.#createContainer();
    const requestId = randomUUID();
    this.#busy.add(container);
    const result = await container.invoke({ requestId, payload }, this.definition.timeoutMs);
    this.#busy.delete(container);
    if (container.alive) this.#warm.push(container);
    if (!result.ok && !this.#closed) {
      this.#options.count?.('Errors');
      const { errorType, errorMessage, trace } = result.error;
      this.#options.log('ERROR', errorMessage, {
        errorType,
        function_request_id: requestId,
        ...(trace.length > 1 && { trace }),
      });
    }
    return result;
  }

  /** The container that was used last and has not crashed. */
  #takeWarm(): Container | undefined {
    let container = this.#warm.pop();
    while (container && !container.alive) container = this.#warm.pop();
    return container;
  }

  #createContainer(): Container {
    const { definition, bundlePath, environment, onLine } = this.#options;
    const data = {
      bundlePath,
      exportName: definition.handler.slice(definition.handler.lastIndexOf('.') + 1),
      functionName: definition.functionName,
      arn: definition.arn,
      memoryMb: definition.memoryMb,
      logStreamName: randomUUID(),
    };
    return new Container({ data, environment, onLine });
  }
}
