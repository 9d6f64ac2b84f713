/**
 * As JSON.parse, but a number that would come out as another one (`12345678901234567890`, `0.30000000000000000001`,
 * `1e999`), or be written as a power of ten, is what `inexact` makes of its text. Throws what `inexact` throws, or
 * SyntaxError.
 */
export function parseExactJson(text: string, inexact: (source: string) => unknown): unknown {
  return parseNumbers(text, (value, source) => (isKept(value, source) ? value : inexact(source)));
}

/**
 * As parseExactJson, with the text for what it would change. `textOf` gives any other number as it was sent, such as
 * `1.10`, or the number itself where it was sent in several ways.
 */
export function parseSentJson(text: string): { value: unknown; textOf(number: number): string | number } {
  const sent = new Map<number, string | number>();
  const value = parseNumbers(text, (number, source) => {
    if (!isKept(number, source)) return source;
    sent.set(number, (sent.get(number) ?? source) === source ? source : number);
    return number;
  });
  return { value, textOf: (number) => sent.get(number) ?? String(number) };
}

function parseNumbers(text: string, read: (value: number, source: string) => unknown): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? read(value, context.source) : value,
  );
}

function isKept(value: number, source: string): boolean {
  const written = String(value);
  return written === source || (!written.includes('e') && canonical(written) === canonical(source));
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The same text for the same number: its sign, its digits without zeros around them, and a power of ten. */
function canonical(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(source) ?? [];
  const digits = whole + fraction;
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  const significant = digits.slice(0, end).replace(/^0+/, '');
  const power = significant && Number(exponent) - fraction.length + digits.length - end;
  return `${sign}${significant}e${power}`;
}
