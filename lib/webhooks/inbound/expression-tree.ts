import { compile } from 'jmespath';

declare module 'jmespath' {
  /** Returns the syntax tree. @types/jmespath does not declare it. */
  export function compile(expression: string): ExpressionNode;
}

/** A node of the library's syntax tree. */
export type ExpressionNode = {
  type: string;
  /** For a field, a member, a function or a comparison. */
  name?: string;
  /** For a literal or an index; for a member, its expression. */
  value?: unknown;
  /** For a slice: start, stop and step. */
  children?: (ExpressionNode | number | null)[];
};

const DEPTH_LIMIT = 50;
/** A result may be at most this many times as large as its payload. */
const GROWTH_LIMIT = 100;

/** Throws for text that is not JMESPath, nests too deep, or may multiply its payload too often. */
export function parseExpression(text: string): ExpressionNode {
  const tree = compile(text);
  if (mostGrowthOf(tree) > GROWTH_LIMIT)
    throw new Error(`can give over ${GROWTH_LIMIT} times what it is given`);
  if (depthOf(tree) > DEPTH_LIMIT) throw new Error(`nests deeper than ${DEPTH_LIMIT} levels`);
  return tree;
}

/** Returns the child nodes. The numbers of a slice are not nodes. */
export function partsOf({ type, value, children = [] }: ExpressionNode): ExpressionNode[] {
  if (type === 'KeyValuePair') return isNode(value) ? [value] : [];
  return children.filter(isNode);
}

export function isNode(value: unknown): value is ExpressionNode {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function depthOf(node: ExpressionNode): number {
  return 1 + Math.max(0, ...partsOf(node).map(depthOf));
}

function mostGrowthOf(node: ExpressionNode): number {
  return Math.max(growthOf(node), ...partsOf(node).map(mostGrowthOf));
}

/** Returns the maximum size of the result, in copies of the input. */
function growthOf(node: ExpressionNode): number {
  const parts = partsOf(node).map(growthOf);
  const sum = parts.reduce((total, part) => total + part, 0);
  switch (node.type) {
    case 'Literal':
    case 'Comparator':
    case 'NotExpression':
      return 1;
    case 'OrExpression':
    case 'AndExpression':
      return Math.max(...parts);
    case 'MultiSelectList':
    case 'MultiSelectHash':
      return Math.max(1, sum);
    case 'Function':
      return node.name === 'map' ? product(parts) : Math.max(1, sum);
    case 'FilterProjection':
      return product(parts.slice(0, 2));
    default:
      return product(parts);
  }
}

function product(factors: readonly number[]): number {
  return factors.reduce((total, factor) => total * factor, 1);
}
