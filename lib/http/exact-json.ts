/**
 * Parses JSON like JSON.parse. For a number that JavaScript cannot hold exactly (`12345678901234567890`,
 * `0.30000000000000000001`, `1e999`) or would print as a power of ten, it calls `inexact` with the text and uses the
 * result. Throws what `inexact` throws, or SyntaxError.
 */
export function parseExactJson(text: string, inexact: (source: string) => unknown): unknown {
  return parseNumbers(text, (value, source) => (isKept(value, source) ? value : inexact(source)));
}

/**
 * Parses JSON like parseExactJson and replaces each inexact number with its text. `textOf` returns the text of any other
 * number as it was sent, such as `1.10`, or the number itself if it was sent in several forms.
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

/** Equal numbers get equal texts: the sign, the digits without outer zeros, and a power of ten. */
function canonical(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(source) ?? [];
  const digits = whole + fraction;
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  const significant = digits.slice(0, end).replace(/^0+/, '');
  const power = significant && Number(exponent) - fraction.length + digits.length - end;
  return `${sign}${significant}e${power}`;
}
