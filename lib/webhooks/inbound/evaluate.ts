import { isDeepStrictEqual } from 'node:util';
import { search } from 'jmespath';
import { callFunction } from './expression-functions.ts';
import { type ExpressionNode, isNode, partsOf } from './expression-tree.ts';

/** In visited nodes; about one second of work. A walk over a payload of 1 MB costs at most a sixth of it. */
const WORK_LIMIT = 3_000_000;

/**
 * Evaluates a JMESPath expression over a payload. It differs from the library's interpreter: it sees own members only, a
 * function or a comparison of null gives null, and its work is limited. Throws for a wrong type in the payload, and for
 * too much work.
 */
export function evaluate(tree: ExpressionNode, payload: unknown): unknown {
  let work = 0;
  const charge = (amount: number) => {
    work += amount;
    if (work > WORK_LIMIT) throw new Error('it is too much work');
  };
  const chargeSize = (value: unknown): void => {
    charge(typeof value === 'string' ? 1 + value.length / 16 : 1);
    if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) chargeSize(member);
  };

  const visit = (node: ExpressionNode, value: unknown): unknown => {
    charge(1);
    const [left = node, right = node, condition = node] = partsOf(node);
    const each = (list: unknown) =>
      Array.isArray(list) ? list.map((item) => visit(right, item)).filter((item) => item !== null) : null;
    switch (node.type) {
      case 'Identity':
      case 'Current':
        return value;
      case 'Literal':
        return node.value;
      case 'Field':
        return memberOf(value, node.name ?? '');
      case 'Index':
        return (Array.isArray(value) ? value.at(Number(node.value)) : null) ?? null;
      case 'Slice':
        return Array.isArray(value) ? slice(value, node) : null;
      case 'Subexpression':
      case 'IndexExpression':
      case 'Pipe':
        return visit(right, visit(left, value));
      case 'Projection':
        return each(visit(left, value));
      case 'ValueProjection': {
        const base = visit(left, value);
        return isObject(base) ? each(Object.values(base)) : null;
      }
      case 'FilterProjection': {
        const base = visit(left, value);
        return Array.isArray(base) ? each(base.filter((item) => !isFalse(visit(condition, item)))) : null;
      }
      case 'Flatten': {
        const base = visit(left, value);
        if (!Array.isArray(base)) return null;
        const flat = base.flat();
        charge(flat.length);
        return flat;
      }
      case 'MultiSelectList':
        return value === null ? null : partsOf(node).map((part) => visit(part, value));
      case 'MultiSelectHash': {
        if (value === null) return null;
        const pairs = (node.children ?? []).filter(isNode);
        return Object.fromEntries(
          pairs.map((pair) => [pair.name, partsOf(pair).map((part) => visit(part, value))[0]]),
        );
      }
      case 'OrExpression': {
        const first = visit(left, value);
        return isFalse(first) ? visit(right, value) : first;
      }
      case 'AndExpression': {
        const first = visit(left, value);
        return isFalse(first) ? first : visit(right, value);
      }
      case 'NotExpression':
        return isFalse(visit(left, value));
      case 'Comparator': {
        const [first, second] = [visit(left, value), visit(right, value)];
        chargeSize(first);
        return compare(node.name, first, second);
      }
      case 'Function': {
        const args = partsOf(node).map((part) =>
          part.type === 'ExpressionReference'
            ? (item: unknown) => visit(partsOf(part)[0] ?? part, item)
            : visit(part, value),
        );
        for (const arg of args) chargeSize(arg);
        return callFunction(node.name ?? '', args, charge);
      }
      default:
        throw new Error(`${node.type} is unknown`);
    }
  };
  const result = visit(tree, payload);
  chargeSize(result);
  return result;
}

/** True for what JMESPath's filters treat as false: null, false and empty values. */
export function isFalse(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
}

function slice(list: unknown[], { children = [] }: ExpressionNode): unknown {
  return search(list, `[${children.map((part) => (typeof part === 'number' ? part : '')).join(':')}]`);
}

/** Compares numbers and texts. Returns null for an order of other types. */
function compare(comparator: string | undefined, first: unknown, second: unknown): boolean | null {
  if (comparator === 'EQ') return isDeepStrictEqual(first, second);
  if (comparator === 'NE') return !isDeepStrictEqual(first, second);
  const isOrdered = typeof first === 'number' || typeof first === 'string';
  if (!isOrdered || typeof first !== typeof second) return null;
  const other = second as typeof first;
  switch (comparator) {
    case 'GT':
      return first > other;
    case 'GTE':
      return first >= other;
    case 'LT':
      return first < other;
    default:
      return first <= other;
  }
}
