import type { Dispatcher } from 'undici';
import type { PostOutcome } from '../ports.ts';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** The connection is closed after this much of a body. */
const BODY_LIMIT_BYTES = 65_536;
/** Longer than the excerpt, so that a text that must be hidden is not cut in two before it is found. */
const KEPT_BYTES = 4_096;
const EXCERPT_LENGTH = 1_024;
/** The time limit for the rest of a body. A complete response lets the connection be used again. */
const BODY_WAIT_MS = 200;

export type CollectorOptions = {
  timeoutMs: number;
  quickTimeoutMs: number;
  /** Called once, after `quickTimeoutMs`. */
  goesOn: () => boolean;
  /** Waits for the body of every response until the timeout, and returns it. */
  readsBody: boolean;
  /** Hides secrets in texts of the receiver or of a socket. */
  redact: (text: string) => string;
};

/**
 * Collects one response and settles, at the latest after `timeoutMs`. Unless `readsBody`, the status decides: a 2xx
 * settles at once; any other status settles when the beginning of its body has arrived or BODY_WAIT_MS has passed. A
 * body that is too long, slow or broken is cut off and changes nothing.
 */
export class ResponseCollector implements Dispatcher.DispatchHandler {
  readonly #settle: (outcome: PostOutcome) => void;
  readonly #redact: (text: string) => string;
  readonly #readsBody: boolean;
  #timer: NodeJS.Timeout;
  #bodyTimer: NodeJS.Timeout | undefined;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #response: { httpStatus: number; retryAfter?: string } | undefined;
  #cutOff: Error | undefined;

  /** Only the first call of `settle` counts: it is a promise's `resolve`. */
  constructor(
    { timeoutMs, quickTimeoutMs, goesOn, readsBody, redact }: CollectorOptions,
    settle: (outcome: PostOutcome) => void,
  ) {
    this.#settle = settle;
    this.#redact = redact;
    this.#readsBody = readsBody;
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

  /** Also called for each 1xx. The final response comes last. */
  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number, headers: Headers): void {
    if (httpStatus < 200) return;
    const retryAfter = headers['retry-after'];
    this.#response = { httpStatus, ...(typeof retryAfter === 'string' && { retryAfter }) };
    if (this.#readsBody) return;
    if (httpStatus < 300) this.#settle({ kind: 'response', ...this.#response, excerpt: '' });
    this.#bodyTimer = setTimeout(() => {
      this.#cut(new Error('the body is too slow'));
    }, BODY_WAIT_MS);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const wanted = chunk.subarray(0, KEPT_BYTES - this.#keptBytes);
    this.#keptBytes += wanted.length;
    // A copy, because a slice would keep the whole chunk in memory.
    if (wanted.length > 0) this.#kept.push(Buffer.from(wanted));
    if (this.#bytes > BODY_LIMIT_BYTES) this.#cut(new Error('the response is too long'));
  }

  onResponseEnd(): void {
    this.#end(new Error('the response has no status'));
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
    if (this.#response) {
      const body = Buffer.concat(this.#kept).toString('utf8');
      const excerpt = this.#excerptOf(body);
      this.#settle({ kind: 'response', ...this.#response, excerpt, ...(this.#readsBody && { body }) });
      return;
    }
    const code =
      'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
    const message = this.#excerptOf(wordsOf(error));
    this.#settle({
      kind: 'no-response',
      code,
      message,
      ...(error instanceof TimedOut && { timedOut: true }),
    });
  }

  /** One line, without characters that a queue or a terminal cannot take. */
  #excerptOf(text: string): string {
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
    super(`no response within ${timeoutMs} ms`);
  }
}

/** Node's message about a certificate of another host contains the names of both hosts. */
function wordsOf(error: Error): string {
  const isOtherHost = 'code' in error && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return isOtherHost ? 'the certificate is for another host' : error.message;
}
