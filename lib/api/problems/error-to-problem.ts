import {
  PlanOutdated,
  ScopeRefused,
  SelectionTooLarge,
  SelectorRefused,
} from '../../activation/batches/errors.ts';
import {
  ActivationError,
  IdempotencyKeyReused,
  InvalidField,
  OppositeRequestOpen,
  RequestUnfinished,
  TryLater,
} from '../../activation/model/errors.ts';
import { ConfigurationError } from '../../config/settings.ts';
import { invalidContent, type Occurrence, type Problem } from '../../http/problem.ts';
import { isProblemCode, problem } from './catalogue.ts';

/** The only map from errors of use cases to HTTP problems. Returns undefined for an unexpected error. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof ConfigurationError) {
    const detail = 'the service is not configured rightly: its log names the variables; nothing was done';
    return problem('internal-error', { detail });
  }
  if (error instanceof InvalidField) {
    return invalidContent([{ field: error.field, message: error.message }]);
  }
  if (!(error instanceof ActivationError) || !isProblemCode(error.code)) return undefined;
  return problem(error.code, { detail: error.message, ...membersOf(error) });
}

function membersOf(error: ActivationError): Occurrence {
  const about = (field: string) => ({ errors: [{ field, message: error.message }] });
  if (error instanceof IdempotencyKeyReused) return about('Idempotency-Key');
  if (error instanceof SelectionTooLarge || error instanceof SelectorRefused) return about('selector');
  if (error instanceof ScopeRefused) return about('planId');
  if (error instanceof OppositeRequestOpen) return { extensions: { open: error.open } };
  if (error instanceof PlanOutdated) return { extensions: { difference: error.difference } };
  if (!(error instanceof TryLater)) return {};
  const retryAfter = { 'retry-after': String(error.retryAfterSeconds) };
  if (!(error instanceof RequestUnfinished)) return { headers: retryAfter };
  return { headers: { ...retryAfter, location: `/batches/${error.batchId}` } };
}
