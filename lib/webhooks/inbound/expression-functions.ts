import { search } from 'jmespath';

type OfItem = (item: unknown) => unknown;

/** Functions that accept null. Every other function returns null for it. */
const OF_NULL = ['not_null', 'to_array', 'to_number', 'to_string', 'type'];
/** Functions of a list of numbers or texts. They return null if an element is null. */
const OF_VALUES = ['avg', 'join', 'max', 'min', 'sort', 'sum'];
const BY_KEY = ['max_by', 'min_by', 'sort_by'];
/** The work of one call: the library parses its text each time. */
const CALL_WORK = 20;
const OF_EXPRESSIONS = ['map', ...BY_KEY];

/**
 * Calls a function of the library with evaluated arguments; a `&expression` is passed as a function. Throws for an
 * argument of a wrong type. Reports to `charge` the work that the size of the arguments does not limit.
 */
export function callFunction(name: string, args: unknown[], charge: (amount: number) => void): unknown {
  const [first, second] = args;
  if (!OF_NULL.includes(name) && args.includes(null)) return null;
  if (OF_VALUES.includes(name) && args.some((arg) => Array.isArray(arg) && arg.includes(null))) return null;
  if (name === 'map' && isOfItem(first) && Array.isArray(second)) return second.map((item) => first(item));
  if (BY_KEY.includes(name) && Array.isArray(first) && isOfItem(second)) return byKey(name, first, second);
  if (args.some(isOfItem))
    throw new Error(`TypeError: ${name}() takes no such expression, or wants a list beside it`);
  // The library mistakes some objects of a payload for expressions.
  if (OF_EXPRESSIONS.includes(name)) throw new Error(`TypeError: ${name}() wants an expression`);
  if (name === 'join' && typeof first === 'string' && Array.isArray(second)) {
    charge((first.length * second.length) / 16);
  }
  // The library's function cuts a character beyond U+FFFF in two.
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
    // The library finds `constructor` in its table of functions, without a signature.
    if (message.startsWith('Unknown function') || error instanceof TypeError)
      throw new Error(`there is no function ${name}()`);
    if (!message.startsWith('TypeError')) throw error;
  }
}

/** The text of a call whose arguments are the elements of a list. The library calls functions only from such a text. */
function callOf(name: string, count: number): string {
  const places = Array.from({ length: count }, (_, index) => `[${index}]`);
  return `${name}(${places.join(', ')})`;
}

function byKey(name: string, list: unknown[], keyOf: OfItem): unknown {
  const keyed = list.map((item, index) => ({ key: keyOf(item), index }));
  if (keyed.some(({ key }) => key === null)) return null;
  // The result is a list with one element, or the sorted list.
  const found: number[] = search(keyed, `to_array(${name}(@, &key))[].index`);
  const items = found.map((index) => list[index]);
  return name === 'sort_by' ? items : (items[0] ?? null);
}

function isOfItem(value: unknown): value is OfItem {
  return typeof value === 'function';
}
