import * as v from 'valibot';
import { type FieldError, fieldOf, invalidContent } from '../http/problem.ts';
import { issuesWithUnknownKeys } from '../http/unknown-keys.ts';

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
  if (!parsed.success) {
    throw invalidContent(fieldErrors(issuesWithUnknownKeys(schema, content, parsed.issues)));
  }
  return parsed.output;
}
