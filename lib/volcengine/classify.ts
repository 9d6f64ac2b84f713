import type { CallError, CallFailure } from '../activation/model/outcome.ts';
import type { ReplyError } from './envelope.ts';
import {
  CODE_FAMILIES,
  type Decision,
  ERROR_TABLE,
  type ErrorRow,
  FOREIGN_STATUS_DECISIONS,
  NETWORK_DECISIONS,
  STATUS_DECISIONS,
} from './error-table.ts';
import type { NetworkFailureCode } from './network-failure.ts';

const PREFIX_ROWS = ERROR_TABLE.filter((row) => row.prefix);
const ROWS_BY_CODE = Map.groupBy(ERROR_TABLE, (row) => row.code);
const ROW_BY_CODE_N = new Map(ERROR_TABLE.flatMap((row) => (row.codeN ?? []).map((codeN) => [codeN, row])));

const RETRY: Decision = { kind: 'retry' };
const HOLD: Decision = { kind: 'hold' };
const UNEXPECTED: Decision = { kind: 'dead-letter', reason: 'unexpected' };

/**
 * Decides by the error's Code, then its CodeN, then the form of its Code, then the HTTP status: the first that is known.
 * `code` is the Code. If the error has none, it is the code of the row that its CodeN names.
 */
export function decideError(error: ReplyError, httpStatus: number): { code: string; decision: Decision } {
  const row = rowByCode(error) ?? (error.codeN === undefined ? undefined : ROW_BY_CODE_N.get(error.codeN));
  const code = error.code ?? row?.code ?? 'NoErrorCode';
  const decision = row?.decision ?? CODE_FAMILIES.find(({ form }) => form.test(code))?.decision;
  return { code, decision: decision ?? decideStatus(statusOf(error, httpStatus)) };
}

/** Decides by the status of a reply whose body is not Volcengine's: HTML, empty, other JSON. */
export function decideForeign(httpStatus: number): Decision {
  return (
    STATUS_DECISIONS.get(httpStatus) ??
    FOREIGN_STATUS_DECISIONS.get(httpStatus) ??
    (isRedirect(httpStatus) ? HOLD : RETRY)
  );
}

export function decideNetwork(code: NetworkFailureCode): Decision {
  return NETWORK_DECISIONS.get(code) ?? RETRY;
}

export function toFailure(
  decision: Decision,
  error: CallError,
  retryAfterMs: number | undefined,
): CallFailure {
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (decision.kind) {
    case 'retry':
      return { kind: 'retry', error, ...hint, ...(decision.soon ? { soon: true } : {}) };
    case 'throttled':
      return { kind: 'throttled', error, ...hint };
    case 'hold':
    case 'verify':
      return { kind: decision.kind, error };
    case 'dead-letter':
      return { kind: 'dead-letter', reason: decision.reason, error };
  }
}

function rowByCode({ code, message = '' }: ReplyError): ErrorRow | undefined {
  if (code === undefined) return undefined;
  const exact = ROWS_BY_CODE.get(code)?.find((row) => row.message?.test(message) ?? true);
  return exact ?? PREFIX_ROWS.find((row) => code.startsWith(row.code));
}

/** The status of the reply, unless it is a success: then the status that the error itself names. */
function statusOf(error: ReplyError, httpStatus: number): number {
  return httpStatus < 300 ? (error.httpStatus ?? httpStatus) : httpStatus;
}

function decideStatus(httpStatus: number): Decision {
  const decision = STATUS_DECISIONS.get(httpStatus);
  if (decision !== undefined) return decision;
  if (isRedirect(httpStatus)) return HOLD;
  return httpStatus >= 400 && httpStatus < 500 ? UNEXPECTED : RETRY;
}

function isRedirect(httpStatus: number): boolean {
  return httpStatus >= 300 && httpStatus < 400;
}
