import * as v from 'valibot';

/** The input of a person or a test is invalid. The message names every field. */
export class InvalidInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidInput';
  }
}

/** Throws InvalidInput. */
export function parseInput<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  name: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new InvalidInput(
    result.issues
      .map((issue) => [name, v.getDotPath(issue)].filter(Boolean).join('.').concat(`: ${issue.message}`))
      .join('; '),
  );
}

/** Throws InvalidInput. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInput(`${name} is not JSON`);
  }
}
