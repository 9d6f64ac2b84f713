import { compile, search } from 'jmespath';

declare module 'jmespath' {
  /** The syntax tree; @types/jmespath leaves it out. */
  export function compile(expression: string): unknown;
}

/** A JMESPath expression whose syntax and function names are known to be right. */
export type Expression = {
  text: string;
  /** Null where it finds nothing. Throws EvaluationError for what only a payload can show, such as a wrong type. */
  evaluate(payload: unknown): unknown;
};

class InvalidExpression extends Error {
  override name = 'InvalidExpression';
}

export class EvaluationError extends Error {
  override name = 'EvaluationError';
}

const MESSAGE_LIMIT = 200;

/** Throws InvalidExpression. */
export function compileExpression(text: string): Expression {
  for (const name of functionNames(parse(text))) {
    if (!isFunction(name)) throw new InvalidExpression(`there is no function ${name}()`);
  }
  return {
    text,
    evaluate(payload) {
      try {
        return search(payload, text) ?? null;
      } catch (error) {
        throw new EvaluationError(messageOf(error));
      }
    },
  };
}

/** False as JMESPath's filters take it: null, false, and what is empty. */
export function isFalse(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === '';
}

function parse(text: string): unknown {
  try {
    return compile(text);
  } catch (error) {
    throw new InvalidExpression(messageOf(error));
  }
}

/** The library looks functions up only when they are called. */
function functionNames(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own =
    'type' in node && node.type === 'Function' && 'name' in node && typeof node.name === 'string'
      ? [node.name]
      : [];
  const isLiteral = 'type' in node && node.type === 'Literal';
  return isLiteral ? [] : [...own, ...Object.values(node).flatMap(functionNames)];
}

/** Every function wants an argument, and one that exists says so. */
function isFunction(name: string): boolean {
  try {
    search(null, `${name}()`);
    return true;
  } catch (error) {
    return messageOf(error).startsWith('ArgumentError');
  }
}

/** The library's messages name types and tokens of the expression, nothing of the payload. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LIMIT);
}
