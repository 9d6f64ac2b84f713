import { isRecord, type JsonRecord, textOf } from './json-value.ts';

export type AnsweredError = {
  code?: string;
  codeN?: number;
  message?: string;
  /** The status that the body names; a gateway may have put the answer into a 200. */
  httpStatus?: number;
};

/** What a body says: Volcengine's result, Volcengine's error, or nothing that Volcengine would say. */
type Envelope =
  | { kind: 'result'; requestId: string | undefined; result: JsonRecord | undefined }
  | { kind: 'error'; requestId: string | undefined; error: AnsweredError }
  | { kind: 'foreign' };

const REQUEST_ID_LIMIT = 128;
/** Such a number may be an id that JSON.parse changes. Where there is none, its plain way is several times faster. */
const LONG_NUMBER = /[:,[\s]\d{16}/;

/** Never throws, whatever the body holds. */
export function readEnvelope(body: string): Envelope {
  const json = parseJson(body);
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
  // Anything else there counts as an error: to overlook one would be to report a success.
  if (error === undefined || (json.Result !== undefined && isNoError(error))) {
    return { kind: 'result', requestId, result };
  }
  return { kind: 'error', requestId, error: readError(error) };
}

/** An empty Error beside a Result is none: the official Go SDK goes by an Error's Code alone. */
function isNoError(error: unknown): boolean {
  return isRecord(error) && isEmpty(error.Code) && isEmpty(error.CodeN);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || value === '0';
}

/** What the official Go SDK reads where there is no ResponseMetadata, for every service. */
function readSimpleError(json: JsonRecord): Envelope {
  const error = readError({ Code: json.errorcode, Message: json.message });
  if (error.code === undefined && error.codeN === undefined) return { kind: 'foreign' };
  return { kind: 'error', requestId: undefined, error: { ...error, httpStatus: numberOf(json.HTTPCode) } };
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
    // A byte order mark is allowed before JSON, but not for JSON.parse.
    const text = body.replace(/^\uFEFF/, '');
    return LONG_NUMBER.test(text) ? JSON.parse(text, digitsOfLongNumber) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digitsOfLongNumber(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? source : value;
}
