/** Names every error of the environment at once, so that one more deployment repairs all of them. */
export class ConfigurationError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`the environment is not usable: ${problems.join('; ')}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

export type Environment = Record<string, string | undefined>;

/** One environment variable: its name, and `parse`, which turns its text into a value or throws to refuse it. */
export type Setting<Value> = { name: string; parse: (text: string | undefined) => Value };

/**
 * Reads settings from the environment and returns them under the caller's names. Deployed code reads the environment
 * only here. An empty variable counts as absent. Messages name the variable and never repeat its value.
 * Throws ConfigurationError that names every missing or invalid variable.
 */
export function readSettings<Settings extends Record<string, Setting<unknown>>>(
  settings: Settings,
  environment: Environment = process.env,
): { [Key in keyof Settings]: Settings[Key] extends Setting<infer Value> ? Value : never } {
  const problems: string[] = [];
  const entries = Object.entries(settings).map(([key, { name, parse }]) => {
    try {
      return [key, parse(environment[name] || undefined)];
    } catch (error) {
      problems.push(`${name} ${error instanceof Error ? error.message : 'is invalid'}`);
      return [key, undefined];
    }
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.fromEntries(entries);
}

export function text(name: string): Setting<string> {
  return { name, parse: required };
}

export function optionalText(
  name: string,
  isValid: (value: string) => boolean,
  rule: string,
): Setting<string | undefined> {
  return {
    name,
    parse(value) {
      if (value !== undefined && !isValid(value)) throw new Error(rule);
      return value;
    },
  };
}

export function matching(
  name: string,
  fallback: string,
  isValid: (value: string) => boolean,
  rule: string,
): Setting<string> {
  return {
    name,
    parse(value = fallback) {
      if (!isValid(value)) throw new Error(rule);
      return value;
    },
  };
}

/** A number within the bounds, in digits with or without a decimal point; `fallback` when absent. */
export function numberOr(name: string, fallback: number, min: number, max: number): Setting<number> {
  return boundedNumber(name, fallback, { min, max, pattern: /^\d+(?:\.\d+)?$/, kind: 'number' });
}

/** A whole number within the bounds, in digits; `fallback` when absent. */
export function wholeNumberOr(name: string, fallback: number, min: number, max: number): Setting<number> {
  return boundedNumber(name, fallback, { min, max, pattern: /^\d+$/, kind: 'whole number' });
}

type Bounds = { min: number; max: number; pattern: RegExp; kind: string };

function boundedNumber(name: string, fallback: number, bounds: Bounds): Setting<number> {
  const { min, max, pattern, kind } = bounds;
  return {
    name,
    parse(value) {
      const number = value === undefined ? fallback : Number(value);
      const isWritten = value === undefined || pattern.test(value);
      if (!isWritten || !(number >= min && number <= max)) {
        throw new Error(`must be a ${kind} from ${min} to ${max}, in digits`);
      }
      return number;
    },
  };
}

export function oneOf<const Value extends string>(
  name: string,
  values: readonly Value[],
  fallback: Value,
): Setting<Value> {
  return {
    name,
    parse(value = fallback) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
      return found;
    },
  };
}

function required(value: string | undefined): string {
  if (value === undefined) throw new Error('is missing');
  return value;
}
