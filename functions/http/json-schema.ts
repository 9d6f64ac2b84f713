import * as v from 'valibot';
import type { FieldError } from '../../lib/runtime/problem.ts';

/** Without it, valibot takes a list for an object. */
export function jsonObject(message: string) {
  return v.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    message,
  );
}

/** The message of `v.strictObject`: for a field too many, and for one that is missing. */
export function unknownField(issue: v.BaseIssue<unknown>): string {
  return issue.expected === 'never' ? 'is not a field of this request' : 'is missing';
}

/** Every issue once, under a path such as `flowLogIds[3]`; names from the body are cut, they may be huge. */
export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.map((issue) => ({ field: pathOf(issue), message: issue.message }));
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  const parts = (issue.path ?? []).map(({ key }) =>
    typeof key === 'number' ? `[${key}]` : `.${String(key)}`,
  );
  return parts.join('').replace(/^\./, '').slice(0, 100).toWellFormed() || 'body';
}
