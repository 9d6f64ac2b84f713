import { expect, test } from 'vitest';
import { catchMutant } from './catch-mutant.ts';
import { firstSeedOf, MUTANTS } from './mutants.ts';
import { createMutatedCopy } from './mutated-copy.ts';
import { runSchedules } from './run-schedules.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

test.for(MUTANTS)('the simulation catches: $name', { timeout: 300_000 }, async (mutant) => {
  const { seed, rules, output } = await catchMutant(mutant, firstSeedOf(mutant));
  expect(
    rules,
    `${seed === undefined ? 'not caught: npm run simulate -- --mutants' : ''} ${output}`,
  ).toHaveLength(1);
});

test('the same schedules break no rule with the code as it is', { timeout: 300_000 }, async () => {
  for (const mutant of MUTANTS) {
    const first = firstSeedOf(mutant);
    const { theme, load } = mutant;
    const { violations } = await runSchedules({ first, schedules: 1, theme, load });
    expect(violations).toEqual([]);
  }
});

test('a mutant whose text is gone is an error, not a success', () => {
  const gone = {
    name: 'gone',
    file: 'lib/activation/model/ids.ts',
    original: 'no such text',
    mutated: '',
    caughtBy: [],
  };
  expect(() => createMutatedCopy(ROOT, gone)).toThrow('0 times, not once');
});
