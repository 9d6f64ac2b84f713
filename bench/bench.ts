import { parseArgs } from 'node:util';
import { BENCHES } from './benches.ts';
import type { Sizes } from './harness/bench.ts';
import { describeMachine, type Machine } from './harness/machine.ts';
import type { Measured } from './harness/statistics.ts';
import { formatTable } from './harness/table.ts';
import { judge, verdictTable } from './harness/verdict.ts';
import { type Entry, writeResults } from './results.ts';
import { TARGETS } from './targets.ts';

/*
 * node bench/bench.ts [name…] [--rounds 5] [--size name=value]… [--quick]
 * Without names all of them. `--quick` only shows that they run: its figures mean nothing and are not kept.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds must be a whole number from 1');
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const known = BENCHES.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`);
  fail(`there is no bench ${unknown.join(', ')}; there are\n${known.join('\n')}`);
}
const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

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
if (!values.quick) console.log(`\n${await writeResults(entries)}`);

/** Those of the command line that this bench has; every one must be of some bench. */
function sizesFor(own: Sizes): Sizes {
  return Object.fromEntries(
    values.size.flatMap((text) => {
      const [name = '', value] = text.split('=');
      const number = Number(value);
      if (value === undefined || !Number.isFinite(number)) fail(`--size ${text} is not name=number`);
      if (!chosen.some(({ sizes }) => name in sizes)) fail(`none of these benches has a size ${name}`);
      return name in own ? [[name, number]] : [];
    }),
  );
}

function describe({ processor, cores, memoryGb, system, loadBefore, versions }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${new Date().toISOString()}  ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, load ${loadBefore}\n${list.join(', ')}`;
}

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}
