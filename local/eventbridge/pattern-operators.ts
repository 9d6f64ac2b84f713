import { BlockList, isIP } from 'node:net';

/** Thrown for a pattern that EventBridge would refuse, or that uses an operator not supported here. */
export class InvalidEventPatternError extends Error {
  override name = 'InvalidEventPatternException';
}

/** One alternative of a leaf, tested against one value of the event; `undefined` is an absent field. */
export type ValueTest = (value: unknown) => boolean;

type Compile = (operand: unknown) => ValueTest;

const OPERATORS = new Map<string, Compile>(
  Object.entries({
    prefix: (operand) => affix(operand, (value, text) => value.startsWith(text)),
    suffix: (operand) => affix(operand, (value, text) => value.endsWith(text)),
    'equals-ignore-case': (operand) => {
      const wanted = string(operand, 'equals-ignore-case').toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
    },
    wildcard,
    exists: (operand) => {
      if (typeof operand !== 'boolean') throw new InvalidEventPatternError('exists must be true or false');
      return (value) => (value !== undefined && !isObject(value)) === operand;
    },
    numeric,
    cidr,
    'anything-but': anythingBut,
  }),
);

/** Compiles a literal (exact, with type) or an operator object with exactly one key. */
export function compileValueTest(alternative: unknown): ValueTest {
  if (!isObject(alternative)) return (value) => value === alternative;
  const [[operator, operand] = [], ...more] = Object.entries(alternative);
  if (operator === undefined || more.length > 0) {
    throw new InvalidEventPatternError('Only one key allowed in match expression');
  }
  const compile = OPERATORS.get(operator);
  if (!compile) throw new InvalidEventPatternError(`Unrecognized match type ${operator}`);
  return compile(operand);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function string(operand: unknown, operator: string): string {
  if (typeof operand !== 'string') throw new InvalidEventPatternError(`${operator} must be a string`);
  return operand;
}

function affix(operand: unknown, matches: (value: string, text: string) => boolean): ValueTest {
  if (isObject(operand) && typeof operand['equals-ignore-case'] === 'string') {
    const text = operand['equals-ignore-case'].toLowerCase();
    return (value) => typeof value === 'string' && matches(value.toLowerCase(), text);
  }
  const text = string(operand, 'prefix and suffix');
  return (value) => typeof value === 'string' && matches(value, text);
}

/** `*` stands for any characters, `\*` for a star, `\\` for a backslash. Refuses two stars in a row, as AWS does. */
function wildcard(operand: unknown): ValueTest {
  const text = string(operand, 'wildcard');
  const parts = text.match(/\\[*\\]|\*|[^*]/gsu) ?? [];
  if (parts.some((part, index) => part === '*' && parts[index + 1] === '*')) {
    throw new InvalidEventPatternError('Consecutive wildcard characters');
  }
  const source = parts.map((part) => (part === '*' ? '.*' : escapeRegExp(part))).join('');
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}

function escapeRegExp(part: string): string {
  return part.replace(/^\\([*\\])$/, '$1').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const COMPARISONS = new Map<string, (value: number, bound: number) => boolean>(
  Object.entries({
    '=': (value, bound) => value === bound,
    '<': (value, bound) => value < bound,
    '<=': (value, bound) => value <= bound,
    '>': (value, bound) => value > bound,
    '>=': (value, bound) => value >= bound,
  }),
);

function numeric(operand: unknown): ValueTest {
  const terms: unknown[] = Array.isArray(operand) ? operand : [];
  if (terms.length !== 2 && terms.length !== 4) {
    throw new InvalidEventPatternError('numeric takes one or two comparisons');
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < terms.length; index += 2) {
    const compare = COMPARISONS.get(String(terms[index]));
    const bound = terms[index + 1];
    if (!compare || typeof bound !== 'number') {
      throw new InvalidEventPatternError(`Unrecognized numeric comparison ${JSON.stringify(operand)}`);
    }
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(operand: unknown): ValueTest {
  const [address = '', bits = ''] = string(operand, 'cidr').split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d+$/.test(bits)) throw new InvalidEventPatternError('cidr must be address/bits');
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return (value) =>
    typeof value === 'string' && isIP(value) === family && block.check(value, family === 6 ? 'ipv6' : 'ipv4');
}

/** A literal, a list of literals, or prefix, suffix, equals-ignore-case and wildcard with one text or a list. */
function anythingBut(operand: unknown): ValueTest {
  const refused = anythingButTests(operand);
  return (value) => value !== undefined && !isObject(value) && !refused.some((test) => test(value));
}

function anythingButTests(operand: unknown): ValueTest[] {
  if (!isObject(operand)) return [operand].flat().map((literal) => compileValueTest(literal));
  const [[operator = '', texts] = []] = Object.entries(operand);
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) {
    throw new InvalidEventPatternError(`Unsupported anything-but pattern: ${operator}`);
  }
  return [texts].flat().map((text) => compileValueTest({ [operator]: text }));
}
