import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Mutant } from './mutant.ts';
import { createMutatedCopy } from './mutated-copy.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SCHEDULES = 1_500;
const CAUGHT = /^seed (\d+) \S+ (.*)$/m;

/**
 * Runs the simulation with the mutated code from the seed on, until a schedule breaks a rule. `seed` is its seed;
 * undefined when none of 1,500 does. `rules`: those of the mutant that were broken. `output` says what happened.
 */
export async function catchMutant(
  mutant: Mutant,
  firstSeed: number,
): Promise<{ seed: number | undefined; rules: string[]; output: string }> {
  const args = ['--seed', String(firstSeed), '--schedules', String(SCHEDULES)];
  args.push('--until-violation', '--ignore-coverage');
  if (mutant.theme !== undefined) args.push('--theme', mutant.theme);
  if (mutant.load !== undefined) args.push('--load', mutant.load);
  const copy = createMutatedCopy(ROOT, mutant);
  try {
    const child = spawn(process.execPath, ['test/simulation/simulate.ts', ...args], {
      cwd: copy.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [line = output + errors, seed, broken = ''] = CAUGHT.exec(output) ?? [];
    const rules = mutant.caughtBy.filter((rule) => broken.startsWith(`${rule}: `));
    return { seed: seed === undefined ? undefined : Number(seed), rules, output: line };
  } finally {
    copy.remove();
  }
}
