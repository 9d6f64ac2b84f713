import { ApiError } from './api-error.ts';

export type Parameters = ReadonlyMap<string, string>;

/** Throws an ApiError for a name given twice. */
export function collectParameters(query: (readonly [string, string])[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of query) {
    if (parameters.has(name)) throw new ApiError('InvalidParameter', `The parameter ${name} is given twice.`);
    parameters.set(name, value);
  }
  return parameters;
}

export function refuseUnknown(parameters: Parameters, known: RegExp): void {
  for (const name of parameters.keys()) {
    if (!known.test(name)) throw new ApiError('InvalidParameter', `The parameter ${name} is not known.`);
  }
}

export function requiredValue(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (!value) throw new ApiError(`MissingParameter.${name}`, `The parameter ${name} is required.`);
  return value;
}

/** Undefined if it is not given; throws an ApiError for a value that is not one of `allowed`. */
export function oneOf<Value extends string>(
  parameters: Parameters,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const given = parameters.get(name);
  const value = allowed.find((candidate) => candidate === given);
  if (given !== undefined && value === undefined)
    throw invalidValue(name, `is none of ${allowed.join(', ')}`);
  return value;
}

export function invalidValue(name: string, why: string): ApiError {
  return new ApiError(`InvalidParameter.${name}`, `The parameter ${name} ${why}.`);
}

/** The values of `name.1`, `name.2`, …; throws an ApiError for an empty value and unless N counts from 1 without a gap. */
export function numberedValues(parameters: Parameters, name: string): string[] {
  const suffixes = numberedSuffixes(parameters, name);
  return suffixes.map((suffix) => requiredValue(parameters, `${name}.${suffix}`));
}

/** `['1', '2', …]`, the N of every `name.N` and `name.N.…`; throws an ApiError unless N counts from 1 without a gap. */
export function numberedSuffixes(parameters: Parameters, name: string): string[] {
  const prefix = `${name}.`;
  const given = new Set<string>();
  for (const key of parameters.keys()) {
    if (key.startsWith(prefix)) given.add(key.slice(prefix.length).split('.', 1)[0] ?? '');
  }
  const suffixes = Array.from({ length: given.size }, (_, index) => String(index + 1));
  if (!suffixes.every((suffix) => given.has(suffix))) {
    throw invalidValue(name, 'is not numbered from 1 without a gap');
  }
  return suffixes;
}
