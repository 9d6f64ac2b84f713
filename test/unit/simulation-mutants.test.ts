import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ADAPTER_MUTANTS } from '../simulation/adapter-mutants.ts';
import { LOAD_MUTANTS } from '../simulation/loads/load-mutants.ts';
import { createMutatedCopy } from '../simulation/mutated-copy.ts';
import { WORKFLOW_MUTANTS } from '../simulation/workflow-mutants.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SCHEDULES = 1_500;

/** The same simulation, run by the copy's own files. */
async function simulate(path: string, theme?: string): Promise<string> {
  const args = ['--seed', '1', '--schedules', String(SCHEDULES), '--until-violation', '--ignore-coverage'];
  if (theme !== undefined) args.push('--theme', theme);
  const child = spawn(process.execPath, ['test/simulation/simulate.ts', ...args], {
    cwd: path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return output + errors;
}

test.for([...ADAPTER_MUTANTS, ...WORKFLOW_MUTANTS, ...LOAD_MUTANTS])(
  'the simulation catches: $name',
  { timeout: 300_000 },
  async (mutant) => {
    const copy = createMutatedCopy(ROOT, mutant);
    try {
      const output = await simulate(copy.path, mutant.theme);
      const caught = output.split('\n').find((line) => line.startsWith('seed ')) ?? `not caught: ${output}`;
      expect(mutant.caughtBy.filter((rule) => caught.includes(` ${rule}: `))).toHaveLength(1);
    } finally {
      copy.remove();
    }
  },
);

test('a mutant whose text is gone is an error, not a success', () => {
  const gone = {
    name: 'gone',
    file: 'lib/activation/ids.ts',
    original: 'no such text',
    mutated: '',
    caughtBy: [],
  };
  expect(() => createMutatedCopy(ROOT, gone)).toThrow('0 times, not once');
});
