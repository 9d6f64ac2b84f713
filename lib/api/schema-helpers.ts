import * as v from 'valibot';
import { type FieldError, fieldOf, invalidContent } from '../http/problem.ts';

/** Refuses a list, which valibot would accept as an object. */
export function jsonObject(message: string) {
  return v.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    message,
  );
}

/** `v.record` drops these keys silently. */
export const LOST_KEYS = ['__proto__', 'constructor', 'prototype'];

/** An object whose keys the caller chooses. Refuses keys that would be lost. */
export function objectWithFreeKeys(message: string) {
  return v.pipe(
    jsonObject(message),
    v.check(
      (given) => !Object.keys(given).some((key) => LOST_KEYS.includes(key)),
      'must not have keys that objects have',
    ),
  );
}

/** The message of `v.strictObject` for an unknown field and for a missing field. */
export function unknownField(issue: v.BaseIssue<unknown>): string {
  return issue.expected === 'never' ? 'is not a field of this request' : 'is missing';
}

/** One error per issue, with its path into the body. */
export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.map(({ path = [], message }) => ({ field: fieldOf(path.map(({ key }) => key)), message }));
}

/** Parses the content of a request. Throws the 422 Problem that names every bad field. */
export function parseRequest<Schema extends v.GenericSchema>(
  schema: Schema,
  content: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, content, { abortPipeEarly: true });
  if (!parsed.success) throw invalidContent(fieldErrors(parsed.issues));
  return parsed.output;
}
