import * as v from 'valibot';
import { invalidContent } from '../../lib/runtime/problem.ts';
import { fieldErrors } from './json-schema.ts';

export const idempotencyKeySchema = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'),
  v.examples(['ticket-42']),
);

/** A body with the key that may come with it. Throws the 422 Problem that names every bad field, the header included. */
export function parseKeyed<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  idempotencyKey: string | undefined,
): { content: v.InferOutput<Schema>; keyed: { idempotencyKey?: string } } {
  const parsed = v.safeParse(schema, body, { abortPipeEarly: true });
  const errors = parsed.success ? [] : fieldErrors(parsed.issues);
  const key = v.safeParse(v.optional(idempotencyKeySchema), idempotencyKey);
  if (!key.success) errors.push({ field: 'Idempotency-Key', message: key.issues[0].message });
  if (!parsed.success || !key.success) throw invalidContent(errors);
  return { content: parsed.output, keyed: key.output === undefined ? {} : { idempotencyKey: key.output } };
}
