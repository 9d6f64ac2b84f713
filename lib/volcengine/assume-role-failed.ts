import { type CallFailure, retryAfterMsOf } from '../activation/model/outcome.ts';
import { NoCredentials } from './no-credentials.ts';

/**
 * A role could not be assumed. The message names the call, the error's code, HTTP status and request id. It omits the
 * text of the server, which may quote the external id or the token.
 */
export class AssumeRoleFailed extends NoCredentials {
  override name = 'AssumeRoleFailed';
  /** The pause that the server asked for. */
  readonly retryAfterMs: number | undefined;

  /** `call`: the action, and who signed it. */
  constructor(call: string, failure: CallFailure) {
    const { code, message, httpStatus, requestId } = failure.error;
    // The call was not sent. The message is our own and says why there are no credentials or no token.
    const isOurs = failure.kind === 'hold' && failure.unsent === true;
    const details = [
      ...(httpStatus === undefined ? [] : [`HTTP ${httpStatus}`]),
      ...(requestId === undefined ? [] : [`request ${codeOrHidden(requestId)}`]),
    ];
    const where = details.length === 0 ? '' : ` (${details.join(', ')})`;
    super(`${call} failed: ${isOurs ? message : codeOrHidden(code)}${where}`);
    this.retryAfterMs = retryAfterMsOf(failure);
  }
}

/** Hides text that does not look like a code or an id: it may contain anything. */
function codeOrHidden(text: string): string {
  return /^[\w.-]{1,128}$/.test(text) ? text : '(unreadable)';
}
