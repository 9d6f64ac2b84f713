import { IdempotencyKeyReused } from '../../activation/model/errors.ts';
import type { Problem } from '../../http/problem.ts';
import { SignatureRefused } from '../../webhooks/inbound/errors.ts';
import { problem } from './catalogue.ts';
import { toProblem } from './error-to-problem.ts';

/** As toProblem, with the wording and the header that a sender of webhooks needs. */
export function toWebhookProblem(error: unknown): Problem | undefined {
  if (error instanceof IdempotencyKeyReused) {
    const detail = 'a delivery with this id has asked for something else before';
    const errors = [{ field: 'delivery id', message: detail }];
    return problem('idempotency-key-reused', { detail, errors });
  }
  if (error instanceof SignatureRefused) {
    const headers = { 'www-authenticate': 'Webhook-Signature' };
    return problem('signature-refused', { detail: error.message, headers });
  }
  return toProblem(error);
}
