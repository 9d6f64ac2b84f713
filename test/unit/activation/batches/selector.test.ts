import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalSelector,
  matchesGlob,
  matchesSelector,
  type Selector,
} from '../../../../lib/activation/batches/selector.ts';
import { aFlowLog, aSelector } from '../../../support/fakes/in-memory-flow-log-finder.ts';

describe('the glob', () => {
  /** The definition: compares the rest of the pattern with the rest of the text. */
  function matchesByDefinition(pattern: string[], text: string[]): boolean {
    const [first, ...rest] = pattern;
    if (first === undefined) return text.length === 0;
    if (first === '*') {
      return (
        matchesByDefinition(rest, text) || (text.length > 0 && matchesByDefinition(pattern, text.slice(1)))
      );
    }
    return (
      text.length > 0 && (first === '?' || first === text[0]) && matchesByDefinition(rest, text.slice(1))
    );
  }

  const character = fc.constantFrom('a', 'b', '*', '?', '😀', '.', '\\');
  const textOf = (longest: number) => fc.array(character, { maxLength: longest }).map((all) => all.join(''));

  test('matches exactly what its definition matches', () => {
    fc.assert(
      fc.property(textOf(7), textOf(9), (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(matchesByDefinition([...pattern], [...text]));
      }),
      { numRuns: 3_000 },
    );
  });

  test('matches every text from which the pattern was made', () => {
    const piece = fc.oneof(
      character.map((given) => ({ pattern: given === '*' || given === '?' ? '?' : given, text: given })),
      textOf(4).map((text) => ({ pattern: '*', text })),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const pattern = pieces.map((one) => one.pattern).join('');
        expect(matchesGlob(pattern, pieces.map(({ text }) => text).join(''))).toBe(true);
      }),
    );
  });

  test.each([
    ['prod-*', 'prod-1', true],
    ['prod-*', 'a-prod-1', false],
    ['*', '', true],
    ['?', '', false],
    ['?', '😀', true],
    ['PROD', 'prod', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['*a*b', 'xaybab', true],
  ])('%s against "%s": %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });

  test('the number of steps does not explode with the stars', () => {
    const pattern = `${'*a'.repeat(60)}b`;
    const startedAt = process.cpuUsage();
    for (let round = 0; round < 100; round += 1) matchesGlob(pattern, 'a'.repeat(128));
    expect(process.cpuUsage(startedAt).user).toBeLessThan(2_000_000);
  });
});

describe('a flow log', () => {
  const flowLog = aFlowLog('fl-1', {
    name: 'prod-1',
    project: 'network',
    resourceType: 'eni',
    resourceId: 'eni-7',
    vpcId: 'vpc-7',
    tags: [
      { key: 'env', value: 'prod' },
      { key: 'owner', value: '' },
    ],
  });

  const matching: Partial<Selector>[] = [
    {},
    { name: 'prod-?' },
    { project: 'network', resourceType: 'eni', resourceId: 'eni-7', vpcId: 'vpc-7' },
    { tags: { env: ['prod'] } },
    { tags: { env: ['dev', 'prod'], owner: true } },
    { tags: { owner: [''] } },
    { tags: {} },
    // The status decides the category, not the match.
    { status: ['Failed'] },
  ];
  test.each(matching)('matches %j', (change) => {
    expect(matchesSelector(aSelector(change), flowLog)).toBe(true);
  });

  const other: Partial<Selector>[] = [
    { name: 'prod' },
    { project: 'default' },
    { resourceType: 'vpc' },
    { resourceId: 'eni-8' },
    { vpcId: 'vpc-8' },
    { tags: { env: ['dev'] } },
    { tags: { env: [] } },
    { tags: { env: ['prod'], team: true } },
    { tags: { Env: true } },
    { project: 'network', vpcId: 'vpc-8' },
  ];
  test.each(other)('does not match %j', (change) => {
    expect(matchesSelector(aSelector(change), flowLog)).toBe(false);
  });

  test('without attributes matches no filter', () => {
    const bare = aFlowLog('fl-1', { name: '', project: '', resourceType: '', resourceId: '', vpcId: '' });
    expect(matchesSelector(aSelector({ vpcId: 'vpc-1' }), bare)).toBe(false);
    expect(matchesSelector(aSelector(), bare)).toBe(true);
  });
});

test('the order of tags, values and statuses does not change the selector; everything else does', () => {
  const selector = aSelector({ tags: { a: ['1', '2'], b: true }, status: ['Inactive', 'Failed'] });
  const same = aSelector({ tags: { b: true, a: ['2', '1'] }, status: ['Failed', 'Inactive'] });
  expect(canonicalSelector(same)).toBe(canonicalSelector(selector));
  const others: Partial<Selector>[] = [
    { tags: { a: ['1', '2'] } },
    { tags: { a: ['1', '2'], b: ['true'] } },
    { status: ['Inactive'] },
    { region: 'cn-shanghai' },
    { account: 'other' },
    { name: '*' },
    { vpcId: 'x' },
    { resourceId: 'x' },
    { project: 'x' },
  ];
  const texts = others.map((change) => canonicalSelector({ ...selector, ...change }));
  expect(new Set([canonicalSelector(selector), ...texts]).size).toBe(others.length + 1);
});
