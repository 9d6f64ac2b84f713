import { isRecord, type JsonRecord, textOf } from './json-value.ts';

export type AnsweredError = { code?: string; codeN?: number; message?: string };

/** What a body says: Volcengine's result, Volcengine's error, or nothing that Volcengine would say. */
type Envelope =
  | { kind: 'result'; requestId: string | undefined; result: JsonRecord | undefined }
  | { kind: 'error'; requestId: string | undefined; error: AnsweredError }
  | { kind: 'foreign' };

const REQUEST_ID_LIMIT = 128;

/** Never throws, whatever the body holds. */
export function readEnvelope(body: string): Envelope {
  const json = parseJson(body);
  if (!isRecord(json)) return { kind: 'foreign' };
  const metadata = json.ResponseMetadata;
  if (!isRecord(metadata)) return { kind: 'foreign' };
  const given = json.Result ?? {};
  const result = isRecord(given) ? given : undefined;
  const requestId = (textOf(metadata.RequestId) ?? textOf(result?.RequestId))
    ?.slice(0, REQUEST_ID_LIMIT)
    .toWellFormed();
  const error = metadata.Error ?? undefined;
  // Anything there but null counts as an error: to overlook one would be to report a success.
  if (error === undefined) return { kind: 'result', requestId, result };
  return { kind: 'error', requestId, error: readError(error) };
}

function readError(error: unknown): AnsweredError {
  if (typeof error === 'string') return /^[\w.]+$/.test(error) ? { code: error } : { message: error };
  if (!isRecord(error)) return {};
  return {
    code: textOf(error.Code),
    codeN: numberOf(error.CodeN) ?? numberOf(error.Code),
    message: textOf(error.Message),
  };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
