import { writeFileSync } from 'node:fs';
import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { catchMutant } from './catch-mutant.ts';
import { MUTANTS } from './mutants.ts';

const SEEDS_FILE = new URL('mutant-seeds.json', import.meta.url);
const AT_ONCE = 2;

/** Searches the first schedule that catches each mutant, and keeps its seed for the test. Answers how many were not caught. */
export async function findMutants(): Promise<number> {
  const found = await mapConcurrently(MUTANTS, AT_ONCE, async (mutant) => {
    const { seed, rules, output } = await catchMutant(mutant, 1);
    const isCaught = seed !== undefined && rules.length > 0;
    console.log(`${isCaught ? 'caught' : 'NOT CAUGHT'}  ${mutant.name}: ${output}`);
    return isCaught ? [mutant.name, seed] : undefined;
  });
  const seeds = Object.fromEntries(found.filter((entry) => entry !== undefined));
  writeFileSync(SEEDS_FILE, `${JSON.stringify(seeds, null, 2)}\n`);
  console.log(`caught: ${Object.keys(seeds).length} of ${MUTANTS.length} mutants`);
  return MUTANTS.length - Object.keys(seeds).length;
}
