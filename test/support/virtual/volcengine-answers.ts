import type { ErrorRow } from '../../../lib/volcengine/error-table.ts';
import type { NetworkFailure, NetworkFailureCode } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';

/* What comes over the wire from Volcengine, and from what stands before it. */

export type WireError = { httpStatus: number; code: string; codeN?: number; message: string };

export function success(requestId: string, result: Record<string, unknown>): VolcengineReply {
  const body = {
    ResponseMetadata: { RequestId: requestId, Version: '2020-04-01', Service: 'vpc' },
    Result: result,
  };
  return { kind: 'reply', httpStatus: 200, body: JSON.stringify(body) };
}

export function refusal(requestId: string, { httpStatus, code, codeN, message }: WireError): VolcengineReply {
  const error = { Code: code, Message: message, ...(codeN !== undefined && { CodeN: codeN }) };
  const body = { ResponseMetadata: { RequestId: requestId, Error: error } };
  return { kind: 'reply', httpStatus, body: JSON.stringify(body) };
}

/** A refusal as the row documents it; now and then in a 200, or by its number only. */
export function rowRefusal(requestId: string, row: ErrorRow, random: SeededRandom): VolcengineReply {
  const [codeN] = row.codeN ?? [];
  const onlyNumber = codeN !== undefined && random.chance(0.1);
  const httpStatus = random.chance(0.1) ? 200 : (random.pick(row.documentedStatus) ?? 400);
  const code = onlyNumber ? '' : row.prefix && random.chance(0.5) ? `${row.code}.FlowLogId` : row.code;
  const message = row.message ? 'The flow log is in freeze status.' : 'Refused by the simulation.';
  return refusal(requestId, { httpStatus, code, message, ...(codeN !== undefined && { codeN }) });
}

/** Errors that no row knows, answers of gateways and proxies, and what is no answer at all. */
export function otherErrorStatus(requestId: string, random: SeededRandom): VolcengineReply {
  const httpStatus = random.pick([301, 401, 403, 408, 418, 425, 429, 500, 502, 503, 504, 599] as const);
  if (random.chance(0.5)) return refusal(requestId, { httpStatus, code: 'NeverHeardOf', message: 'unknown' });
  const retryAfter = random.chance(0.5) ? { retryAfter: String(random.integer(0, 60)) } : {};
  return { kind: 'reply', httpStatus, body: '<html>gateway</html>', ...retryAfter };
}

export function garbage(random: SeededRandom): VolcengineReply {
  const body = random.pick([
    '',
    '{"ResponseMeta',
    '<html></html>',
    '[]',
    '{}',
    '{"Result":{}}',
    '\u0000\ufffd',
  ] as const);
  return { kind: 'reply', httpStatus: random.pick([200, 200, 404, 502] as const), body };
}

const NETWORK_CODES: readonly [NetworkFailureCode, ...NetworkFailureCode[]] = [
  'BodyTimeout',
  'ConnectTimeout',
  'ConnectionClosed',
  'ConnectionRefused',
  'ConnectionReset',
  'InvalidBody',
  'NameNotResolved',
  'Timeout',
  'TlsFailure',
];

export function networkFailure(random: SeededRandom): NetworkFailure {
  return { kind: 'network-failure', code: random.pick(NETWORK_CODES), message: 'lost by the simulation' };
}
