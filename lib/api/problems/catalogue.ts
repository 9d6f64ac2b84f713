import { HTTP_PROBLEMS, problemsOf } from '../../http/problem.ts';

/** Every problem that the API returns: the last part of its URN, its status and its title. A code never changes. */
export const PROBLEMS = {
  ...HTTP_PROBLEMS,
  'repeated-header': { status: 400, title: 'A header came twice' },
  'signature-refused': { status: 401, title: 'Not authenticated' },
  'deactivation-disabled': { status: 403, title: 'Deactivation is not allowed' },
  'caller-unknown': { status: 403, title: 'The caller is not known' },
  'activation-not-found': { status: 404, title: 'Not found' },
  'batch-not-found': { status: 404, title: 'Not found' },
  'plan-not-found': { status: 404, title: 'Not found' },
  'operation-not-found': { status: 404, title: 'Not found' },
  'report-not-found': { status: 404, title: 'Not found' },
  'account-not-found': { status: 404, title: 'Not found' },
  'webhook-source-not-found': { status: 404, title: 'Not found' },
  'unknown-route': { status: 404, title: 'There is no such route' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'not-redrivable': { status: 409, title: 'Not in its present state' },
  'not-cancellable': { status: 409, title: 'Not in its present state' },
  'account-paused': { status: 409, title: 'The account is paused' },
  'opposite-request-open': { status: 409, title: 'A request in the other direction is open' },
  'plan-outdated': { status: 409, title: 'The plan is out of date' },
  'plan-executed': { status: 409, title: 'The plan was executed before' },
  'selection-too-large': { status: 422, title: 'The selection is too large' },
  'selector-refused': { status: 422, title: 'The selector is refused' },
  'scope-refused': { status: 422, title: 'The plan cannot be executed' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used before' },
  'request-unfinished': { status: 503, title: 'Recorded, but not yet finished' },
  'secrets-unavailable': { status: 503, title: 'Not now' },
  'record-unreadable': { status: 503, title: 'Not now' },
  'outbox-pending': { status: 503, title: 'Not now' },
  'describe-failed': { status: 503, title: 'Not now' },
  'configuration-unread': { status: 503, title: 'Not now' },
  'store-contended': { status: 503, title: 'Not now' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

export const problem = problemsOf(PROBLEMS);
