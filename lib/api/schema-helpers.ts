import * as v from 'valibot';
import { type FieldError, fieldOf } from '../http/problem.ts';

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

/** Every issue once, by its path into the body. */
export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.map(({ path = [], message }) => ({ field: fieldOf(path.map(({ key }) => key)), message }));
}
