import { readCommandLine } from '../../clients/terminal/command-line.ts';
import { choice, flag, integer } from '../../clients/terminal/program.ts';
import { completedShare, gapsIn, percent } from './coverage.ts';
import { THEME_NAMES } from './fault-kinds.ts';
import { findMutants } from './find-mutants.ts';
import { LOAD_NAMES } from './loads/load.ts';
import { runSchedules } from './run-schedules.ts';

const { values } = readCommandLine({
  command: 'npm run simulate',
  about: `Runs the real code through seeded schedules of faults and crashes, in virtual time, and holds every one to the rules.
Schedule k has seed N + k, so a violated one replays alone. Exits with 1 for a violation, or a fault never met.`,
  options: {
    seed: integer({ help: 'of the first schedule', from: 0, to: 2 ** 31 - 1, fallback: 1 }),
    schedules: integer({ help: 'how many', from: 1, to: 10_000_000, fallback: 10_000 }),
    theme: choice({
      help: 'the faults that do most harm together, far more often',
      value: 'name',
      words: THEME_NAMES,
    }),
    load: choice({
      help: 'in every schedule, beside those that are drawn',
      value: 'name',
      words: LOAD_NAMES,
    }),
    trace: flag('prints every step'),
    'until-violation': flag('stops at the first violation'),
    'ignore-coverage': flag('does not fail for a fault that was never met'),
    mutants: flag(
      'searches a schedule that catches each deliberate mistake, and keeps its seed; nothing else',
    ),
  },
  examples: ['--schedules 1000 --seed 7', '--seed 123 --schedules 1 --trace'],
});

if (values.mutants) process.exit((await findMutants()) > 0 ? 1 : 0);

const startedAt = performance.now();
const { schedules, theme, load } = values;
const { coverage, violations } = await runSchedules({
  first: values.seed,
  schedules,
  theme,
  load,
  trace: values.trace ? console.log : undefined,
  untilViolation: values['until-violation'],
});
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);

for (const what of [...coverage.counts.keys()].sort()) {
  console.log(`${String(coverage.of(what)).padStart(9)}  ${what}`);
}
const gaps = values['ignore-coverage'] || schedules === 1 ? [] : gapsIn(coverage);
for (const gap of gaps) console.log(`not covered: ${gap}`);
for (const { seed, violation } of violations.slice(0, 20)) {
  console.log(`seed ${seed} ${violation.at} ${violation.rule}: ${violation.detail}`);
  const themed = theme === undefined ? '' : ` --theme '${theme}'`;
  const loaded = load === undefined ? '' : ` --load '${load}'`;
  console.log(`  replay: npm run simulate -- --seed ${seed} --schedules 1 --trace${themed}${loaded}`);
}
console.log(
  `schedules ${coverage.schedules}, steps ${coverage.steps} (at least ${coverage.fewestSteps} each)`,
);
console.log(`progress: ${percent(completedShare(coverage))} of all ends are completed; ${seconds} s`);
console.log(`violations: ${violations.length}`);
process.exitCode = violations.length + gaps.length > 0 ? 1 : 0;
