import type { Dispatcher } from 'undici';
import { type NetworkFailure, networkFailure } from './network-failure.ts';

export type VolcengineReply = {
  kind: 'reply';
  httpStatus: number;
  body: string;
  /** The unparsed header, if it came exactly once. */
  date?: string;
  retryAfter?: string;
};

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/**
 * Collects one reply and settles exactly once, at the latest after `timeoutMs`.
 * `Pool.request` obeys an abort only once the request has a connection. With this handler the time limit also applies
 * while connecting, and a call that times out then is never sent.
 */
export class ResponseCollector implements Dispatcher.DispatchHandler {
  readonly #settle: (outcome: VolcengineReply | NetworkFailure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #phase = 'connecting';
  #timedOut: Error | undefined;
  #httpStatus = 0;
  #date: string | undefined;
  #retryAfter: string | undefined;

  constructor(timeoutMs: number, settle: (outcome: VolcengineReply | NetworkFailure) => void) {
    this.#settle = settle;
    this.#timer = setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#timedOut !== undefined) {
      controller.abort(this.#timedOut);
      return;
    }
    this.#controller = controller;
    this.#phase = 'waiting for the reply';
  }

  /** Also called for a 1xx. The final response comes last. */
  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number, headers: Headers): void {
    this.#phase = 'reading the body';
    this.#httpStatus = httpStatus;
    this.#date = single(headers.date);
    this.#retryAfter = single(headers['retry-after']);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const reply: VolcengineReply = { kind: 'reply', httpStatus: this.#httpStatus, body: this.#text() };
    if (this.#date !== undefined) reply.date = this.#date;
    if (this.#retryAfter !== undefined) reply.retryAfter = this.#retryAfter;
    this.#settle(reply);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    clearTimeout(this.#timer);
    this.#settle(networkFailure(error));
  }

  #timeOut(timeoutMs: number): void {
    const message = `No reply within ${timeoutMs} ms, timed out while ${this.#phase}`;
    this.#timedOut = new Error(message);
    this.#settle({ kind: 'network-failure', code: 'Timeout', message });
    this.#controller?.abort(this.#timedOut);
  }

  #text(): string {
    const [first] = this.#chunks;
    if (first === undefined) return '';
    return (this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)).toString('utf8');
  }
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
