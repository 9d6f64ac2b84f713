import { compileValueTest, InvalidEventPatternError, isObject } from './pattern-operators.ts';

export type EventMatcher = (event: unknown) => boolean;

/**
 * Compiles an EventBridge event pattern: every named field must match one of its alternatives; a field that
 * is an array matches when one of its elements does; `$or` lists whole patterns.
 * @throws InvalidEventPatternError for what EventBridge refuses or this matcher does not support.
 */
export function compileEventPattern(pattern: unknown): EventMatcher {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw new InvalidEventPatternError('Event pattern must be a non-empty JSON object');
  }
  const fields = Object.entries(pattern).map(([name, wanted]) => compileField(name, wanted));
  return (event) => fields.every((matches) => matches(event));
}

function compileField(name: string, wanted: unknown): EventMatcher {
  if (name === '$or') return compileOr(wanted);
  if (isObject(wanted)) {
    const matches = compileEventPattern(wanted);
    return (event) => elements(field(event, name)).some((element) => matches(element));
  }
  if (!Array.isArray(wanted) || wanted.length === 0) {
    throw new InvalidEventPatternError(`"${name}" must be an object or a non-empty array`);
  }
  const alternatives = wanted.map(compileValueTest);
  return (event) => elements(field(event, name)).some((value) => alternatives.some((test) => test(value)));
}

function compileOr(wanted: unknown): EventMatcher {
  if (!Array.isArray(wanted) || wanted.length < 2) {
    throw new InvalidEventPatternError('$or must be an array of at least two patterns');
  }
  const alternatives = wanted.map(compileEventPattern);
  return (event) => alternatives.some((matches) => matches(event));
}

function field(event: unknown, name: string): unknown {
  return isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
}

/** Returns what a leaf is tested against: an array's elements. An absent field counts once, for `exists: false`. */
function elements(value: unknown): unknown[] {
  if (!Array.isArray(value)) return [value];
  return value.length === 0 ? [undefined] : value;
}
