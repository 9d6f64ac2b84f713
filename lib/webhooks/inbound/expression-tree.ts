import { compile } from 'jmespath';

declare module 'jmespath' {
  /** The syntax tree; @types/jmespath leaves it out. */
  export function compile(expression: string): ExpressionNode;
}

/** A node of the library's syntax tree. */
export type ExpressionNode = {
  type: string;
  /** Of a field, a member, a function or a comparison. */
  name?: string;
  /** Of a literal or an index; of a member its expression. */
  value?: unknown;
  /** Of a slice: start, stop and step. */
  children?: (ExpressionNode | number | null)[];
};

const DEPTH_LIMIT = 50;
/** How many times as large as its payload a result may be. */
const GROWTH_LIMIT = 100;

/** Throws for what is no JMESPath, nests too deep, or may multiply its payload too often. */
export function parseExpression(text: string): ExpressionNode {
  const tree = compile(text);
  if (mostGrowthOf(tree) > GROWTH_LIMIT)
    throw new Error(`can give over ${GROWTH_LIMIT} times what it is given`);
  if (depthOf(tree) > DEPTH_LIMIT) throw new Error(`nests deeper than ${DEPTH_LIMIT} levels`);
  return tree;
}

/** Its parts, and those of a slice, which are none, left out. */
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

/** The most that a result can be of what the expression is given, counted in copies of it. */
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
