import { type CallError, MESSAGE_LIMIT } from '../activation/model/outcome.ts';
import type { Credentials } from './credentials.ts';

const CODE_LIMIT = 128;
/** A shorter text may also be an ordinary word, so it is not blacked out. */
const SHORTEST_SECRET = 8;

/**
 * Returns the error in the form in which it is stored. A gateway may quote the refused request with its token. So the
 * credentials are blacked out before anything is cut.
 */
export function sanitizeError(error: CallError, credentials: Credentials): CallError {
  const built: CallError = {
    code: clean(error.code, CODE_LIMIT, credentials),
    message: clean(error.message, MESSAGE_LIMIT, credentials),
  };
  if (error.httpStatus !== undefined) built.httpStatus = error.httpStatus;
  if (error.requestId !== undefined) built.requestId = clean(error.requestId, CODE_LIMIT, credentials);
  return built;
}

function clean(text: string, limit: number, credentials: Credentials): string {
  let cleaned = text.replace(/(Signature=)[0-9a-f]+/gi, '$1***');
  for (const secret of [credentials.sessionToken, credentials.secretAccessKey, credentials.accessKeyId]) {
    if (secret !== undefined && secret.length >= SHORTEST_SECRET) cleaned = cleaned.replaceAll(secret, '***');
  }
  return cleaned.slice(0, limit).toWellFormed();
}
