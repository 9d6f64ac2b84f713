import type { CallError, CallFailure } from '../activation/model/outcome.ts';
import { decideError, decideForeign, decideNetwork } from './classify.ts';
import { readEnvelope } from './envelope.ts';
import type { Decision } from './error-table.ts';
import type { JsonRecord } from './json-value.ts';
import type { NetworkFailure } from './network-failure.ts';
import type { VolcengineReply } from './response-collector.ts';

/** Volcengine did what was asked; `result` is empty where it sent none, and undefined where that is no object. */
export type ActionResult = {
  kind: 'result';
  httpStatus: number;
  requestId: string | undefined;
  result: JsonRecord | undefined;
};

type Refusal = { kind: 'refusal'; decision: Decision; error: CallError };

/** Judges what came back, or did not. Only a 2xx with Volcengine's envelope and no error in it is a result. */
export function readReply(answer: VolcengineReply | NetworkFailure): ActionResult | Refusal {
  if (answer.kind === 'network-failure') {
    const { code, message } = answer;
    return { kind: 'refusal', decision: decideNetwork(code), error: { code, message } };
  }
  const { httpStatus } = answer;
  const envelope = readEnvelope(answer.body);
  if (envelope.kind === 'foreign') {
    const message = `HTTP ${httpStatus} with a body that is not a Volcengine answer`;
    const error = evidence('InvalidBody', message, httpStatus, undefined);
    return { kind: 'refusal', decision: decideForeign(httpStatus), error };
  }
  if (envelope.kind === 'result' && httpStatus >= 200 && httpStatus < 300) return { ...envelope, httpStatus };

  const answered = envelope.kind === 'error' ? envelope.error : {};
  const { code, decision } = decideError(answered, httpStatus);
  const message = answered.message ?? `HTTP ${httpStatus}`;
  return { kind: 'refusal', decision, error: evidence(code, message, httpStatus, envelope.requestId) };
}

/** For a result that lacks what the action promises: nothing is decided by it, so the call is made again. */
export function unusableResult({ httpStatus, requestId }: ActionResult, why: string): CallFailure {
  return { kind: 'retry', error: evidence('InvalidBody', why, httpStatus, requestId) };
}

function evidence(
  code: string,
  message: string,
  httpStatus: number,
  requestId: string | undefined,
): CallError {
  const error: CallError = { code, message, httpStatus };
  if (requestId !== undefined) error.requestId = requestId;
  return error;
}
