import type { Dispatcher } from 'undici';
import { type NetworkFailure, networkFailure } from './network-failure.ts';

export type VolcengineReply = {
  kind: 'answer';
  httpStatus: number;
  body: string;
  /** The header as it came, if it came once. */
  date?: string;
  retryAfter?: string;
};

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/**
 * Collects one answer and settles exactly once, at the latest after `timeoutMs`.
 * A handler of its own rather than `Pool.request`, which heeds an abort only after the request has a
 * connection: here the time limit also holds while connecting, and a call given up then is never sent.
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
    this.#timer = setTimeout(() => this.#giveUp(timeoutMs), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#timedOut !== undefined) {
      controller.abort(this.#timedOut);
      return;
    }
    this.#controller = controller;
    this.#phase = 'waiting for the answer';
  }

  /** Also called for a 1xx; the final answer comes last. */
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
    const answer: VolcengineReply = { kind: 'answer', httpStatus: this.#httpStatus, body: this.#text() };
    if (this.#date !== undefined) answer.date = this.#date;
    if (this.#retryAfter !== undefined) answer.retryAfter = this.#retryAfter;
    this.#settle(answer);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    clearTimeout(this.#timer);
    this.#settle(networkFailure(error));
  }

  #giveUp(timeoutMs: number): void {
    const message = `Not answered within ${timeoutMs} ms, given up while ${this.#phase}`;
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
