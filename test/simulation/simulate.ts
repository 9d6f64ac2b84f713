import { parseArgs } from 'node:util';
import { completedShare, gapsIn, percent } from './coverage.ts';
import { isTheme } from './fault-kinds.ts';
import { runSchedules } from './run-schedules.ts';

/*
 * node test/simulation/simulate.ts --schedules 10000 --seed N
 * Schedule k has seed N + k, so a violated one is replayed alone by its seed: --seed 123 --schedules 1 --trace
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    schedules: { type: 'string', default: '10000' },
    theme: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    'until-violation': { type: 'boolean', default: false },
    /** A few schedules cannot meet every fault, but can still be violated. */
    'ignore-coverage': { type: 'boolean', default: false },
  },
});

const startedAt = performance.now();
const schedules = Number(values.schedules);
const { coverage, violations } = await runSchedules({
  first: Number(values.seed),
  schedules,
  theme: isTheme(values.theme) ? values.theme : undefined,
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
  const theme = isTheme(values.theme) ? ` --theme '${values.theme}'` : '';
  console.log(`  replay: node test/simulation/simulate.ts --seed ${seed} --schedules 1 --trace${theme}`);
}
console.log(
  `schedules ${coverage.schedules}, steps ${coverage.steps} (at least ${coverage.fewestSteps} each)`,
);
console.log(`progress: ${percent(completedShare(coverage))} of all ends are completed; ${seconds} s`);
console.log(`violations: ${violations.length}`);
process.exitCode = violations.length + gaps.length > 0 ? 1 : 0;
