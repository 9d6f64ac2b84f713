import { evaluate } from './evaluate.ts';
import { checkCall } from './expression-functions.ts';
import { type ExpressionNode, parseExpression, partsOf } from './expression-tree.ts';

/** A JMESPath expression whose syntax, function calls and size were checked. */
export type Expression = {
  text: string;
  /** Returns null if it finds nothing. Throws EvaluationError for a fault that depends on the payload, such as a wrong type. */
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
  const tree = parse(text);
  return {
    text,
    evaluate(payload) {
      try {
        return evaluate(tree, payload);
      } catch (error) {
        throw new EvaluationError(messageOf(error));
      }
    },
  };
}

function parse(text: string): ExpressionNode {
  try {
    const tree = parseExpression(text);
    check(tree);
    return tree;
  } catch (error) {
    throw new InvalidExpression(messageOf(error));
  }
}

/** Throws for faults that the library finds only during evaluation, and for a literal number that it would change. */
function check(node: ExpressionNode): void {
  if (node.type === 'Function') checkCall(node.name ?? '', partsOf(node).length);
  if (node.type === 'Literal' && !hasExactNumbers(node.value)) {
    throw new Error('a number has more digits than can be kept');
  }
  for (const part of partsOf(node)) check(part);
}

function hasExactNumbers(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(hasExactNumbers);
  return typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** The library's messages name types and tokens of the expression, but nothing of the payload. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LIMIT);
}
