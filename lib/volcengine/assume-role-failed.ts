import type { CallFailure } from '../activation/model/outcome.ts';

/**
 * AssumeRole gave no credentials. The message names the alias that signed the call, the error's code, HTTP status and
 * request id. It leaves out what the server wrote: that may quote the external id.
 */
export class AssumeRoleFailed extends Error {
  override name = 'AssumeRoleFailed';
  /** The server asked for this pause. */
  readonly retryAfterMs: number | undefined;

  constructor(via: string, failure: CallFailure) {
    const { code, message, httpStatus, requestId } = failure.error;
    // Not sent: then the message is ours, and says why `via` has no credentials.
    const isOurs = failure.kind === 'hold' && failure.unsent === true;
    const evidence = [
      ...(httpStatus === undefined ? [] : [`HTTP ${httpStatus}`]),
      ...(requestId === undefined ? [] : [`request ${printable(requestId)}`]),
    ];
    const where = evidence.length === 0 ? '' : ` (${evidence.join(', ')})`;
    super(
      `AssumeRole with the credentials of "${via}" failed: ${isOurs ? message : printable(code)}${where}`,
    );
    this.retryAfterMs = 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
  }
}

/** What does not look like a code or an id may be anything. */
function printable(text: string): string {
  return /^[\w.-]{1,128}$/.test(text) ? text : '(unreadable)';
}
