import { writeFile } from 'node:fs/promises';
import { readCommandLine, refuse } from '../clients/terminal/command-line.ts';
import { flag, integer, list } from '../clients/terminal/program.ts';
import { BENCHES } from './benches.ts';
import { BENCHMARKS_PAGE, benchmarksPage, readmeFigures } from './benchmarks-page.ts';
import type { Sizes } from './harness/bench.ts';
import { describeMachine, type Machine } from './harness/machine.ts';
import type { Measured } from './harness/statistics.ts';
import { formatTable } from './harness/table.ts';
import { judge, verdictTable } from './harness/verdict.ts';
import { type Entry, readResults, writeResults } from './results.ts';
import { TARGETS } from './targets.ts';

const program = {
  command: 'npm run bench',
  about: `Measures against what one would use instead, and against targets. Prints tables, and writes bench/results.json
and docs/benchmarks.md. All benches without names; an hour.`,
  options: {
    rounds: integer({ help: 'of each measurement', from: 1, to: 1_000, fallback: 5 }),
    size: list({
      help: 'of what is measured, such as callsASecond=10; may be repeated',
      value: 'name=number',
    }),
    quick: flag('only shows that they run; the figures mean nothing and are not kept'),
  },
  operands: { name: 'bench', known: Object.fromEntries(BENCHES.map(({ name, what }) => [name, what])) },
  examples: ['signing client --rounds 9', 'worker --quick'],
};
const {
  values,
  operands: names,
  values: { rounds },
} = readCommandLine(program);
const chosen = BENCHES.filter(({ name }) => names.length === 0 || names.includes(name));
for (const { sizes } of chosen) sizesFor(sizes);

const machine = await describeMachine();
console.log(describe(machine));
const startedAt = performance.now();
const say = (text: string) =>
  console.error(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${text}`);

const entries: Record<string, Entry> = {};
for (const bench of chosen) {
  const { tables, figures, notes, sizes, isFull } = await bench.run({
    rounds,
    quick: values.quick,
    sizes: sizesFor(bench.sizes),
    say,
  });
  for (const table of tables) console.log(`\n${formatTable(table)}`);
  for (const note of notes) console.log(`\n${note}`);
  entries[bench.name] = {
    measuredAt: new Date().toISOString(),
    machine,
    rounds,
    sizes,
    isFull,
    figures,
    notes,
  };
}
const figures: Record<string, Measured> = Object.assign(
  {},
  ...Object.values(entries).map((entry) => entry.figures),
);
const isFull = (figure: string) =>
  Object.values(entries).some((entry) => figure in entry.figures && entry.isFull);
console.log(`\n${formatTable(verdictTable(TARGETS, figures, isFull))}`);
const missed = TARGETS.filter((target) => {
  const found = figures[target.figure];
  return found !== undefined && isFull(target.figure) && judge(target, found) === 'missed';
});
for (const { what, ifMissed = 'the reason is not known' } of missed)
  console.log(`\nMissed: ${what}. ${ifMissed}`);
if (!values.quick) {
  console.log(`\n${await writeResults(entries)}`);
  const stored = await readResults();
  await writeFile(BENCHMARKS_PAGE, benchmarksPage(stored));
  console.log(`${BENCHMARKS_PAGE}\nREADME:\n${readmeFigures(stored).join('\n')}`);
}

/** Those of the command line that this bench has; every one must be of some bench. */
function sizesFor(own: Sizes): Sizes {
  return Object.fromEntries(
    values.size.flatMap((text) => {
      const [name = '', value] = text.split('=');
      const number = Number(value);
      if (!value || !(number >= 0)) refuse(program, `--size must be name=number, not "${text}".`);
      if (!chosen.some(({ sizes }) => name in sizes)) {
        const known = [...new Set(chosen.flatMap(({ sizes }) => Object.keys(sizes)))];
        refuse(program, `--size ${name}: none of these benches has it. There are: ${known.join(', ')}.`);
      }
      return name in own ? [[name, number]] : [];
    }),
  );
}

function describe({ processor, cores, memoryGb, system, loadBefore, versions }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${new Date().toISOString()}  ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, load ${loadBefore}\n${list.join(', ')}`;
}
