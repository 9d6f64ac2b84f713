/**
 * As JSON.parse, but a number that would come out as another one (`12345678901234567890`, `0.30000000000000000001`,
 * `1e999`), or be written as a power of ten, is what `inexact` makes of its text. Throws what `inexact` throws, or
 * SyntaxError.
 */
export function parseExactJson(text: string, inexact: (source: string) => unknown): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return isKept(value, context.source) ? value : inexact(context.source);
  });
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
