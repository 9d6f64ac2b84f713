import type { Dispatcher } from 'undici';
import type { PostOutcome } from '../ports.ts';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** What is read of a body before the connection is cut, what is kept of it, and what is shown of that. */
const BODY_LIMIT_BYTES = 65_536;
/** More than is shown: what has to be hidden must not be cut in two before it is found. */
const KEPT_BYTES = 4_096;
const EXCERPT_LENGTH = 1_024;
/** How long the rest of a body is waited for, so that the connection can be used again. */
const BODY_WAIT_MS = 200;

export type CollectorOptions = {
  timeoutMs: number;
  quickTimeoutMs: number;
  /** Asked once, after `quickTimeoutMs`. */
  goesOn: () => boolean;
  /** Hides what nobody may read in what the receiver or a socket says. */
  redact: (text: string) => string;
};

/**
 * Takes one answer and settles, at the latest after `timeoutMs`. The status is the answer: a 2xx settles at
 * once, any other when the beginning of its body is there or has been waited for. A body that is too long, slow or
 * broken is cut off and changes nothing.
 */
export class ResponseCollector implements Dispatcher.DispatchHandler {
  readonly #settle: (outcome: PostOutcome) => void;
  readonly #redact: (text: string) => string;
  #timer: NodeJS.Timeout;
  #bodyTimer: NodeJS.Timeout | undefined;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #answer: { httpStatus: number; retryAfter?: string } | undefined;
  #cutOff: Error | undefined;

  /** Only the first call of `settle` counts: it is a promise's `resolve`. */
  constructor(
    { timeoutMs, quickTimeoutMs, goesOn, redact }: CollectorOptions,
    settle: (outcome: PostOutcome) => void,
  ) {
    this.#settle = settle;
    this.#redact = redact;
    const cut = (afterMs: number) => this.#cut(new TimedOut(afterMs));
    this.#timer = setTimeout(() => {
      if (!goesOn()) cut(quickTimeoutMs);
      else this.#timer = setTimeout(cut, timeoutMs - quickTimeoutMs, timeoutMs);
    }, quickTimeoutMs);
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
    if (httpStatus < 300) this.#settle({ kind: 'answer', ...this.#answer, excerpt: '' });
    this.#bodyTimer = setTimeout(() => {
      this.#cut(new Error('the body takes too long'));
    }, BODY_WAIT_MS);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const wanted = chunk.subarray(0, KEPT_BYTES - this.#keptBytes);
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
    clearTimeout(this.#bodyTimer);
    if (this.#answer) {
      const excerpt = this.#printable(Buffer.concat(this.#kept).toString('utf8'));
      this.#settle({ kind: 'answer', ...this.#answer, excerpt });
      return;
    }
    const code =
      'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
    const message = this.#printable(wordsOf(error));
    this.#settle({ kind: 'no-answer', code, message, ...(error instanceof TimedOut && { timedOut: true }) });
  }

  /** One line, and nothing that a queue or a terminal would mind. */
  #printable(text: string): string {
    return this.#redact(text)
      .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
      .trim()
      .slice(0, EXCERPT_LENGTH)
      .toWellFormed();
  }
}

class TimedOut extends Error {
  override name = 'TimedOut';
  constructor(timeoutMs: number) {
    super(`not answered within ${timeoutMs} ms`);
  }
}

/** Node's message about a certificate of another host goes on with both hosts' names. */
function wordsOf(error: Error): string {
  const isOtherHost = 'code' in error && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return isOtherHost ? 'the certificate is for another host' : error.message;
}
