import * as v from 'valibot';
import { invalidContent, type Problem } from '../../http/problem.ts';
import { issuesWithUnknownKeys } from '../../http/unknown-keys.ts';
import { problem } from '../problems/catalogue.ts';
import { fieldErrors } from '../schema-helpers.ts';

export const idempotencyKeySchema = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x2b\x2d-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters, and no comma'),
  v.examples(['ticket-42']),
);

/**
 * Parses a body and its optional `Idempotency-Key` header. Throws the 422 Problem that names every bad field, including
 * the header, and a 400 for two keys: API Gateway joins them with a comma, and the result is not a key of the caller.
 */
export function parseIdempotent<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  idempotencyKey: string | undefined,
): { content: v.InferOutput<Schema>; idempotency: { idempotencyKey?: string } } {
  if (idempotencyKey?.includes(',')) throw repeatedKey();
  const parsed = v.safeParse(schema, body, { abortPipeEarly: true });
  const errors = fieldErrors(issuesWithUnknownKeys(schema, body, parsed.issues));
  const key = v.safeParse(v.optional(idempotencyKeySchema), idempotencyKey);
  if (!key.success) errors.push({ field: 'Idempotency-Key', message: key.issues[0].message });
  if (!parsed.success || !key.success) throw invalidContent(errors);
  return {
    content: parsed.output,
    idempotency: key.output === undefined ? {} : { idempotencyKey: key.output },
  };
}

function repeatedKey(): Problem {
  const message = 'must come once, and have no comma';
  return problem('repeated-header', {
    detail: `Idempotency-Key ${message}`,
    errors: [{ field: 'Idempotency-Key', message }],
  });
}
