import { search } from 'jmespath';

type OfItem = (item: unknown) => unknown;

/** These have an answer for null too. Any other gives null for it. */
const OF_NULL = ['not_null', 'to_array', 'to_number', 'to_string', 'type'];
/** These take a list of numbers or texts. One that is missing in it leaves them without an answer. */
const OF_VALUES = ['avg', 'join', 'max', 'min', 'sort', 'sum'];
const BY_KEY = ['max_by', 'min_by', 'sort_by'];
/** The library parses the text of each call. */
const CALL_WORK = 20;
const OF_EXPRESSIONS = ['map', ...BY_KEY];

/**
 * The library's function over arguments that are known; a `&expression` is one that evaluates it. Throws for
 * arguments of a wrong type. `charge` hears of work that the size of the arguments does not bound.
 */
export function callFunction(name: string, args: unknown[], charge: (amount: number) => void): unknown {
  const [first, second] = args;
  if (!OF_NULL.includes(name) && args.includes(null)) return null;
  if (OF_VALUES.includes(name) && args.some((arg) => Array.isArray(arg) && arg.includes(null))) return null;
  if (name === 'map' && isOfItem(first) && Array.isArray(second)) return second.map((item) => first(item));
  if (BY_KEY.includes(name) && Array.isArray(first) && isOfItem(second)) return byKey(name, first, second);
  if (args.some(isOfItem))
    throw new Error(`TypeError: ${name}() takes no such expression, or wants a list beside it`);
  // The library takes some objects of a payload for expressions.
  if (OF_EXPRESSIONS.includes(name)) throw new Error(`TypeError: ${name}() wants an expression`);
  if (name === 'join' && typeof first === 'string' && Array.isArray(second)) {
    charge((first.length * second.length) / 16);
  }
  // The library's own cuts a character beyond U+FFFF in two.
  if (name === 'reverse' && typeof first === 'string') return [...first].reverse().join('');
  charge(CALL_WORK);
  const result: unknown = search(args, callOf(name, args.length)) ?? null;
  return typeof result === 'number' && !Number.isFinite(result) ? null : result;
}

/** Throws for a function that does not exist or takes another number of arguments. */
export function checkCall(name: string, count: number): void {
  try {
    search(Array(count).fill(null), callOf(name, count));
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    // The library finds `constructor` in its table, and no signature there.
    if (message.startsWith('Unknown function') || error instanceof TypeError)
      throw new Error(`there is no function ${name}()`);
    if (!message.startsWith('TypeError')) throw error;
  }
}

/** Over a list of the arguments: the library calls a function only from the text of an expression. */
function callOf(name: string, count: number): string {
  const places = Array.from({ length: count }, (_, index) => `[${index}]`);
  return `${name}(${places.join(', ')})`;
}

function byKey(name: string, list: unknown[], keyOf: OfItem): unknown {
  const keyed = list.map((item, index) => ({ key: keyOf(item), index }));
  if (keyed.some(({ key }) => key === null)) return null;
  // In a list of one or in the sorted list.
  const found: number[] = search(keyed, `to_array(${name}(@, &key))[].index`);
  const items = found.map((index) => list[index]);
  return name === 'sort_by' ? items : (items[0] ?? null);
}

function isOfItem(value: unknown): value is OfItem {
  return typeof value === 'function';
}
