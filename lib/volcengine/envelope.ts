import { isRecord, type JsonRecord, textOf } from './json-value.ts';

export type ReplyError = {
  code?: string;
  codeN?: number;
  message?: string;
  /** The status that the body names. A gateway may have sent the error with status 200. */
  httpStatus?: number;
};

/** The meaning of a body: a result of Volcengine, an error of Volcengine, or a body that is not Volcengine's. */
type Envelope =
  | { kind: 'result'; requestId: string | undefined; result: JsonRecord | undefined }
  | { kind: 'error'; requestId: string | undefined; error: ReplyError }
  | { kind: 'foreign' };

const REQUEST_ID_LIMIT = 128;
/** Such a number may be an id that JSON.parse changes. Without one, JSON.parse without a reviver is several times faster. */
const LONG_NUMBER = /[:,[\s]\d{16}/;

/** Never throws, for any body. */
export function readEnvelope(body: string): Envelope {
  const json = jsonOrUndefined(body);
  if (!isRecord(json)) return { kind: 'foreign' };
  const metadata = json.ResponseMetadata ?? undefined;
  if (metadata === undefined) return readSimpleError(json);
  if (!isRecord(metadata)) return { kind: 'foreign' };
  const given = json.Result ?? {};
  const result = isRecord(given) ? given : undefined;
  const requestId = (textOf(metadata.RequestId) ?? textOf(result?.RequestId))
    ?.slice(0, REQUEST_ID_LIMIT)
    .toWellFormed();
  const error = metadata.Error ?? undefined;
  // Any other value of Error counts as an error. Otherwise an error could be reported as a success.
  if (error === undefined || (json.Result !== undefined && isNoError(error))) {
    return { kind: 'result', requestId, result };
  }
  return { kind: 'error', requestId, error: readError(error) };
}

/** True for an empty Error. Beside a Result it is not an error: the official Go SDK checks only its Code. */
function isNoError(error: unknown): boolean {
  return isRecord(error) && isEmpty(error.Code) && isEmpty(error.CodeN);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || value === '0';
}

/** Reads an error without ResponseMetadata, as the official Go SDK does for every service. */
function readSimpleError(json: JsonRecord): Envelope {
  const error = readError({ Code: json.errorcode, Message: json.message });
  if (error.code === undefined && error.codeN === undefined) return { kind: 'foreign' };
  return { kind: 'error', requestId: undefined, error: { ...error, httpStatus: numberOf(json.HTTPCode) } };
}

function readError(error: unknown): ReplyError {
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

function jsonOrUndefined(body: string): unknown {
  try {
    // A byte order mark may precede JSON, but JSON.parse refuses it.
    const text = body.replace(/^\uFEFF/, '');
    return LONG_NUMBER.test(text) ? JSON.parse(text, digitsOfLongNumber) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digitsOfLongNumber(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? source : value;
}
