import { type CallError, MESSAGE_LIMIT } from '../activation/model/outcome.ts';
import type { Credentials } from './credentials.ts';

const CODE_LIMIT = 128;
/** Shorter ones would black out ordinary words. */
const SHORTEST_SECRET = 8;

/**
 * What is kept of a failed call. Gateways of this kind may quote the request they refused, with its
 * token, so the credentials are blacked out, and that before anything is cut.
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
