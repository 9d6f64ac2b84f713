import { IdempotencyKeyReused } from '../../activation/model/errors.ts';
import { invalidContent, Problem } from '../../http/problem.ts';
import {
  InvalidDeliveryId,
  SelectionRefused,
  SignatureRefused,
  UnknownSource,
} from '../../webhooks/inbound/errors.ts';
import { toProblem } from './problems.ts';

/** What senders of webhooks hear; beyond it, what callers of the API hear. */
export function toWebhookProblem(error: unknown): Problem | undefined {
  if (error instanceof IdempotencyKeyReused) {
    const detail = 'a delivery with this id has asked for something else before';
    return new Problem({
      status: 422,
      code: error.code,
      title: 'The idempotency key was used before',
      detail,
      errors: [{ field: 'delivery id', message: detail }],
    });
  }
  if (error instanceof SelectionRefused) {
    return invalidContent([{ field: error.expression, message: error.message }]);
  }
  if (error instanceof InvalidDeliveryId) {
    return invalidContent([{ field: error.header, message: error.message }]);
  }
  if (error instanceof UnknownSource) {
    return new Problem({ status: 404, code: error.code, title: 'Not found', detail: error.message });
  }
  if (error instanceof SignatureRefused) {
    const headers = { 'www-authenticate': 'Webhook-Signature' };
    return new Problem({
      status: 401,
      code: error.code,
      title: 'Not authenticated',
      detail: error.message,
      headers,
    });
  }
  return toProblem(error);
}
