import * as fc from 'fast-check';
import { search } from 'jmespath';
import { describe, expect, test } from 'vitest';
import { compileExpression, EvaluationError } from '../../../../lib/webhooks/inbound/expression.ts';

const evaluate = (text: string, payload: unknown) => compileExpression(text).evaluate(payload);

/** Without an order or a function that may meet null: there the library differs on purpose. */
const PLAIN = [
  'a',
  'a.b',
  '"a".b.c',
  '@',
  'a[0]',
  'a[-1].b',
  'a[*].b',
  'a[*].b[].c',
  'a[]',
  'a[][]',
  'a.*',
  '*.b',
  'a[1:]',
  'a[::-1].b',
  'a[:2] | [0]',
  '[a, b, c]',
  '{x: a, y: b.c, z: [a]}',
  '{x: a}.x',
  'a[?b]',
  'a[?b == c].c',
  "a[?b != 'x' && !c]",
  'a || b',
  'a && b || c',
  '!a',
  'a == b',
  '`{"a": [1]}`.a[0]',
  "'text'",
  '(a || b).c',
  'not_null(a, b, c)',
  'type(a)',
  'to_array(a)',
  'to_string(a)',
  'to_number(a)',
  'join(\'-\', `["a", "b"]`)',
  "contains('abc', 'b')",
  'length(`[1,2,3]`)',
  'map(&b, to_array(a))',
  'sort_by(`[{"k":2},{"k":1},{"k":2,"n":1}]`, &k)',
  'max_by(`[{"k":2},{"k":3}]`, &k).k',
  'min_by(`[]`, &k)',
  'sum(`[1,2]`)',
  'merge(`{"a":1}`, `{"b":2}`)',
  'keys(`{"b":2}`)',
  'reverse(`[1,2]`)',
  "starts_with('ab', 'a')",
];

const member: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('', 'x', 'yz', 0, 1, 2.5, true, false, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  ),
})).value;

describe('it gives what the library gives', () => {
  test.each(PLAIN)('%s', (text) => {
    fc.assert(
      fc.property(member, (payload) => {
        expect(evaluate(text, payload)).toEqual(search(payload, text) ?? null);
      }),
    );
  });
});

describe('names that objects inherit are absent', () => {
  const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];
  test.each(NAMES)('%s', (name) => {
    for (const text of [`"${name}"`, `{a: @}."${name}"`, `\`{}\`."${name}"`, `a[0]."${name}"`]) {
      expect(evaluate(text, { a: [{}] })).toBeNull();
    }
  });

  test.each(NAMES)('%s of the payload itself is found', (name) => {
    const payload: unknown = JSON.parse(`{"${name}": {"a": 1}}`);
    expect(evaluate(`"${name}".a`, payload)).toBe(1);
    expect(evaluate(`{"${name}": "${name}".a}."${name}"`, payload)).toBe(1);
  });

  test('a payload does not pass for an expression', () => {
    const payload = { e: { jmespathType: 'Expref', type: 'Literal', value: 'x' }, list: [1] };
    expect(() => evaluate('map(e, list)', payload)).toThrow(EvaluationError);
  });
});

describe('of what is absent, a function and an order give null', () => {
  test.each([
    "contains(ref, 'main')",
    'contains(tags, missing)',
    "starts_with(ref, 'refs/')",
    'length(commits)',
    'length(commits) > `1`',
    'missing > `1`',
    'missing <= `1`',
    'missing >= tags',
    "join('-', [missing, 'a'])",
    'sum([missing])',
    'max_by(list, &missing)',
    'sort_by(list, &missing)',
    'map(&a, missing)',
    'keys(missing)',
    'merge(missing)',
    'avg(`[]`)',
  ])('%s', (text) => {
    expect(evaluate(text, { tags: ['a'], list: [{}] })).toBeNull();
  });

  test('and the rest of the expression goes on', () => {
    expect(evaluate("contains(ref, 'main') || action == 'go'", { action: 'go' })).toBe(true);
    expect(evaluate("list[?contains(m, 'x')].n", { list: [{ n: 1 }, { m: 'x', n: 2 }] })).toEqual([2]);
    expect(evaluate('type(missing)', {})).toBe('null');
    expect(evaluate('not_null(missing, a)', { a: 1 })).toBe(1);
  });

  test('but a wrong type is an error', () => {
    expect(() => evaluate('length(n)', { n: 1 })).toThrow(EvaluationError);
  });
});

describe('refused when it is configured', () => {
  test.each([
    ['[@, @]'.repeat(1) + ' | [@, @]'.repeat(6), 'over 100 times'],
    [`a${'[].[@, @]'.repeat(100)}`, 'over 100 times'],
    [`map(&${'[@, @] | '.repeat(9)}@, a)`, 'over 100 times'],
    [`[?${'[@, @] | '.repeat(9)}@ == \`1\`]`, 'over 100 times'],
    [`${'{a: @, b: @} | '.repeat(9)}@`, 'over 100 times'],
    [`${'!'.repeat(60)}a`, 'deeper than 50'],
    [`a${'.b'.repeat(60)}`, 'deeper than 50'],
    ['contains(a)', 'ArgumentError'],
    ['map(&a)', 'ArgumentError'],
    ['constructor(a)', 'there is no function'],
    ['`12345678901234567890`', 'more digits'],
    ['{a: `[12345678901234567890]`}', 'more digits'],
  ])('%s', (text, problem) => {
    expect(() => compileExpression(text)).toThrow(problem);
  });
});

describe('what is too much work over a payload is an error', () => {
  const words = Array<string>(40_000).fill('');
  test.each<[string, unknown]>([
    ['join(glue, list)', { glue: 'x'.repeat(400_000), list: words }],
    ['list[?@ == @].[@, @][].[@, @][].[@, @][].[@, @][].[@, @][]', { list: Array(400_000).fill(1) }],
    ['list[*].length(to_string(@))', { list: Array(2).fill(Array(3_000_000).fill(1)) }],
  ])('%s', (text, payload) => {
    expect(() => evaluate(text, payload)).toThrow('too much work');
  });

  test('a large payload is not', () => {
    const list = Array.from({ length: 50_000 }, (_, id) => ({ id: `fl-${id}`, tags: ['a'] }));
    expect(evaluate("list[?contains(tags, 'a')].id | length(@)", { list })).toBe(50_000);
    expect(evaluate('[] | length(@)', [list, [list]])).toBe(50_001);
  });
});
