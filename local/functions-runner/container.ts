import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { readLines } from '../logs/read-lines.ts';
import {
  type ContainerData,
  type InvocationRequest,
  type InvocationResult,
  ThreadMessage,
  toInvocationError,
} from './invocation.ts';

export type ContainerOptions = {
  data: ContainerData;
  environment: Record<string, string>;
  onLine: (line: string) => void;
};

/** Lambda allows an initialisation 10 s. */
const INIT_TIMEOUT_MS = 10_000;

/**
 * One execution environment of a function: a thread with its own environment variables, for one invocation at a time.
 * A crash, `process.exit` or a timeout ends it. Otherwise its state stays until the next invocation.
 */
export class Container {
  readonly #worker: Worker;
  #initialised = false;
  #alive = true;
  #settle: ((result: InvocationResult) => void) | undefined;

  constructor({ data, environment, onLine }: ContainerOptions) {
    this.#worker = new Worker(new URL('./container-thread.ts', import.meta.url), {
      workerData: data,
      env: environment,
      argv: [],
      stdout: true,
      stderr: true,
    });
    readLines(this.#worker.stdout, onLine);
    readLines(this.#worker.stderr, onLine);
    this.#worker.on('message', (message) => this.#onMessage(v.parse(ThreadMessage, message)));
    this.#worker.on('error', (error) => this.#end({ ok: false, error: toInvocationError(error) }));
    this.#worker.on('exit', (code) => this.#end(failure('Runtime.ExitError', `Runtime exited with ${code}`)));
  }

  /** False once it cannot be used for another invocation. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Never rejects. Resolves with the handler's result or error, or with the reason why the container ended. */
  async invoke(request: Omit<InvocationRequest, 'deadlineAt'>, timeoutMs: number): Promise<InvocationResult> {
    if (!this.#initialised) {
      const initialised = await this.#nextResult(INIT_TIMEOUT_MS, 'Init timed out');
      if (!initialised.ok) {
        await this.close();
        return initialised;
      }
      this.#initialised = true;
    }
    const handled = this.#nextResult(
      timeoutMs,
      `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
    );
    this.#worker.postMessage({ ...request, deadlineAt: Date.now() + timeoutMs });
    return handled;
  }

  async close(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  #nextResult(timeoutMs: number, timeoutMessage: string): Promise<InvocationResult> {
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    const timer = setTimeout(() => {
      this.#end(failure('Sandbox.Timedout', timeoutMessage));
      void this.close();
    }, timeoutMs);
    this.#settle = (result) => {
      clearTimeout(timer);
      this.#settle = undefined;
      resolve(result);
    };
    if (!this.#alive) this.#end(failure('Runtime.ExitError', 'The container has ended'));
    return promise;
  }

  #onMessage(message: ThreadMessage): void {
    if (message.type === 'error') this.#settle?.({ ok: false, error: message.error });
    else this.#settle?.({ ok: true, payload: message.type === 'result' ? message.payload : '' });
  }

  #end(result: InvocationResult): void {
    this.#alive = false;
    this.#settle?.(result);
  }
}

function failure(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage, trace: [] } };
}
