import {
  ActivationError,
  IdempotencyKeyReused,
  InvalidCursor,
  NotCancellable,
  NotFound,
  NotRedrivable,
  PlanExecutedOtherwise,
  PlanOutdated,
  RequestUnfinished,
  ScopeRefused,
  SelectionTooLarge,
  SelectorRefused,
  TryLater,
} from '../../activation/model/errors.ts';
import { invalidContent, Problem } from '../../http/problem.ts';

/** The one map from what use cases refuse to what HTTP callers hear. */
export function toProblem(error: unknown): Problem | undefined {
  if (!(error instanceof ActivationError)) return undefined;
  const { code, message: detail } = error;
  if (error instanceof IdempotencyKeyReused) {
    const errors = [{ field: 'Idempotency-Key', message: detail }];
    return new Problem({ status: 422, code, title: 'The idempotency key was used before', detail, errors });
  }
  if (error instanceof InvalidCursor) return invalidContent([{ field: 'cursor', message: detail }]);
  if (error instanceof NotFound) return new Problem({ status: 404, code, title: 'Not found', detail });
  if (error instanceof RequestUnfinished) {
    const headers = { 'retry-after': String(error.retryAfterSeconds), location: `/batches/${error.batchId}` };
    return new Problem({ status: 503, code, title: 'Recorded, but not yet finished', detail, headers });
  }
  if (error instanceof NotCancellable || error instanceof NotRedrivable) {
    return new Problem({ status: 409, code, title: 'Not in its present state', detail });
  }
  if (error instanceof SelectionTooLarge || error instanceof SelectorRefused) {
    const errors = [{ field: 'selector', message: detail }];
    return new Problem({ status: 422, code, title: 'The selector cannot be carried out', detail, errors });
  }
  if (error instanceof ScopeRefused) {
    const errors = [{ field: 'planId', message: detail }];
    return new Problem({ status: 422, code, title: 'The plan cannot be carried out', detail, errors });
  }
  if (error instanceof PlanOutdated) {
    const { difference } = error;
    const title = 'The plan is out of date';
    return new Problem({ status: 409, code, title, detail, extensions: { difference } });
  }
  if (error instanceof PlanExecutedOtherwise) {
    return new Problem({ status: 409, code, title: 'The plan was carried out before', detail });
  }
  if (error instanceof TryLater) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return new Problem({ status: 503, code, title: 'Not now', detail, headers });
  }
  return undefined;
}
