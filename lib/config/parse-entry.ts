import * as v from 'valibot';
import { repeatedKeys } from '../http/repeated-keys.ts';
import { issuesWithUnknownKeys } from '../http/unknown-keys.ts';
import { placeOf, refusalsOf } from './options-by-name.ts';

/** The value of an entry, or each place of it that is wrong, with its rule. Never repeats a value. */
export type ParsedEntry<Value> = { value: Value } | { problems: string[] };

/** Parses the JSON text of one account or policy. The messages of the schema must not repeat the refused value. */
export function parseEntry<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): ParsedEntry<v.InferOutput<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problems: ['is not JSON'] };
  }
  const twice = repeatedKeys(text).map((keys) => `${placeOf(keys)} is there twice`);
  const parsed = v.safeParse(schema, json);
  const refused = issuesWithUnknownKeys(schema, json, parsed.issues).map((issue) => {
    const [{ place, message } = { place: '', message: '' }] = refusalsOf([issue]);
    return place === '' ? message : `${place} ${message}`;
  });
  const problems = [...twice, ...refused];
  return parsed.success && problems.length === 0 ? { value: parsed.output } : { problems };
}
