import type { CallError, CallFailure } from '../activation/model/outcome.ts';
import { decideError, decideForeign, decideNetwork } from './classify.ts';
import { readEnvelope } from './envelope.ts';
import type { Decision } from './error-table.ts';
import type { JsonRecord } from './json-value.ts';
import type { NetworkFailure } from './network-failure.ts';
import type { VolcengineReply } from './response-collector.ts';

/** Volcengine executed the call. `result` is `{}` if it sent none, and undefined if its Result is not an object. */
export type ActionResult = {
  kind: 'result';
  httpStatus: number;
  requestId: string | undefined;
  result: JsonRecord | undefined;
};

type Refusal = { kind: 'refusal'; decision: Decision; error: CallError };

/** Classifies a reply or a network failure. Only a 2xx with Volcengine's envelope and without an error is a result. */
export function readReply(reply: VolcengineReply | NetworkFailure): ActionResult | Refusal {
  if (reply.kind === 'network-failure') {
    const { code, message } = reply;
    return { kind: 'refusal', decision: decideNetwork(code), error: { code, message } };
  }
  const { httpStatus } = reply;
  const envelope = readEnvelope(reply.body);
  if (envelope.kind === 'foreign') {
    const message = `HTTP ${httpStatus} with a body that is not a reply of Volcengine`;
    const error = callErrorOf('InvalidBody', message, httpStatus, undefined);
    return { kind: 'refusal', decision: decideForeign(httpStatus), error };
  }
  if (envelope.kind === 'result' && httpStatus >= 200 && httpStatus < 300) return { ...envelope, httpStatus };

  const replyError = envelope.kind === 'error' ? envelope.error : {};
  const { code, decision } = decideError(replyError, httpStatus);
  const message = replyError.message ?? `HTTP ${httpStatus}`;
  return { kind: 'refusal', decision, error: callErrorOf(code, message, httpStatus, envelope.requestId) };
}

/** A result that lacks what the action promises. It decides nothing, so the call is repeated. */
export function unusableResult({ httpStatus, requestId }: ActionResult, why: string): CallFailure {
  return { kind: 'retry', error: callErrorOf('InvalidBody', why, httpStatus, requestId) };
}

function callErrorOf(
  code: string,
  message: string,
  httpStatus: number,
  requestId: string | undefined,
): CallError {
  const error: CallError = { code, message, httpStatus };
  if (requestId !== undefined) error.requestId = requestId;
  return error;
}
