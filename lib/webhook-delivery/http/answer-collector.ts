import type { Dispatcher } from 'undici';
import type { PostOutcome } from '../ports.ts';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** What is read of a body before the connection is cut, and what is kept of it. */
const BODY_LIMIT_BYTES = 65_536;
const EXCERPT_BYTES = 1_024;

/**
 * Takes one answer and settles exactly once, at the latest after `timeoutMs`. The status is the answer: once it is
 * there, a body that is too long, slow or broken is cut off and changes nothing.
 */
export class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #settle: (outcome: PostOutcome) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #answer: { httpStatus: number; retryAfter?: string } | undefined;
  #cutOff: Error | undefined;

  constructor(timeoutMs: number, settle: (outcome: PostOutcome) => void) {
    this.#settle = settle;
    this.#timer = setTimeout(() => {
      this.#cut(new TimedOut(timeoutMs));
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cutOff) controller.abort(this.#cutOff);
  }

  /** Also called for each 1xx; the final answer comes last. */
  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number, headers: Headers): void {
    if (httpStatus < 200) return;
    const retryAfter = headers['retry-after'];
    this.#answer = { httpStatus, ...(typeof retryAfter === 'string' && { retryAfter }) };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const wanted = chunk.subarray(0, EXCERPT_BYTES - this.#keptBytes);
    this.#keptBytes += wanted.length;
    // A copy: a slice would keep the whole chunk.
    if (wanted.length > 0) this.#kept.push(Buffer.from(wanted));
    if (this.#bytes > BODY_LIMIT_BYTES) this.#cut(new Error('the answer is too long'));
  }

  onResponseEnd(): void {
    this.#end(new Error('the answer has no status'));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#end(error);
  }

  #cut(reason: Error): void {
    this.#cutOff = reason;
    this.#end(reason);
    this.#controller?.abort(reason);
  }

  #end(error: Error): void {
    clearTimeout(this.#timer);
    if (this.#answer) {
      this.#settle({ kind: 'answer', ...this.#answer, excerpt: printable(Buffer.concat(this.#kept)) });
      return;
    }
    const code =
      'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
    const message = printable(Buffer.from(error.message));
    this.#settle({ kind: 'no-answer', code, message, ...(error instanceof TimedOut && { timedOut: true }) });
  }
}

class TimedOut extends Error {
  override name = 'TimedOut';
  constructor(timeoutMs: number) {
    super(`not answered within ${timeoutMs} ms`);
  }
}

/** One line, and nothing that a queue or a terminal would mind. */
function printable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim()
    .slice(0, EXCERPT_BYTES)
    .toWellFormed();
}
