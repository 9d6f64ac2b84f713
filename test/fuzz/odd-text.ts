import fc from 'fast-check';

/** Names that a careless object lookup finds on every object. */
const PROTOTYPE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
];

const LONE_SURROGATES = ['\ud800', '\udfff', 'a\ud83d', '\ude00b'];

const TROUBLESOME = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u001b[31m',
  '\r\nx-injected: 1',
  '\n',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\uffff',
  'ﷺ',
  'İ',
  '🏳️‍🌈',
  '../../etc/passwd',
  '%00',
  '%',
  "' OR 1=1 --",
  '<script>',
  'null',
  'undefined',
  'NaN',
  '[object Object]',
  '1e999',
];

const huge = fc
  .tuple(
    fc.constantFrom('a', '0', '-', ' ', '\\', '"', '\u0001', '😀', 'aa-'),
    fc.constantFrom(65, 601, 5_000, 100_000),
  )
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length));

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TROUBLESOME) },
  { weight: 2, arbitrary: fc.constantFrom(...PROTOTYPE_KEYS) },
  { weight: 1, arbitrary: fc.constantFrom(...LONE_SURROGATES) },
  { weight: 3, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: huge },
);

export const oddKey: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...PROTOTYPE_KEYS) },
  { weight: 1, arbitrary: oddText },
);

/** Mostly something good, sometimes something odd. */
export function mostly<Value>(
  good: fc.Arbitrary<Value>,
  odd: fc.Arbitrary<Value>,
  weight = 4,
): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: good }, { weight: 1, arbitrary: odd });
}

/** Mostly there, and now and then left out: undefined. */
export const perhaps = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

/** Up to `most` of them, and none as often as some. */
export function someOf<Value>(arbitrary: fc.Arbitrary<Value>, most: number): fc.Arbitrary<Value[]> {
  return fc.oneof(fc.constant<Value[]>([]), fc.array(arbitrary, { minLength: 1, maxLength: most }));
}
