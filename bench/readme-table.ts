import { formatMarkdown, withSpread } from './harness/table.ts';
import { judge, limitOf } from './harness/verdict.ts';
import { readResults, type StoredEntry } from './results.ts';
import { TARGETS, type Target } from './targets.ts';

/*
 * node bench/readme-table.ts
 * The table of all targets in Markdown, from bench/results.json: when it was measured, on what, and what is missing.
 */
const entries = await readResults();
const byFigure = new Map(
  Object.values(entries).flatMap((entry) =>
    Object.entries(entry.figures).map(([name, figure]) => [name, { entry, figure }] as const),
  ),
);

for (const [description, names] of Map.groupBy(Object.keys(entries), (name) => describe(entries[name]))) {
  console.log(`${names.map((name) => `\`${name}\``).join(', ')}: ${description}\n`);
}
console.log(
  formatMarkdown({
    title: '',
    columns: ['what', 'against', 'target', 'measured', 'verdict'],
    rows: TARGETS.map((target) => {
      const { what, against, unit } = target;
      const found = byFigure.get(target.figure);
      const head = [what, against, limitOf(target)];
      if (found === undefined) return [...head, '', 'not measured'];
      const verdict = judge(target, found.figure);
      const shown = verdict === 'missed' ? '**missed**' : verdict;
      return [
        ...head,
        `${withSpread(found.figure)} ${unit}`,
        found.entry.isFull ? shown : 'none: other sizes',
      ];
    }),
  }),
);

for (const [reason, missed] of Map.groupBy(TARGETS.filter(isMissed), ({ ifMissed }) => ifMissed)) {
  if (reason !== undefined) console.log(`\nMissed (${missed.map(({ what }) => what).join('; ')}): ${reason}`);
}

function isMissed(target: Target): boolean {
  const found = byFigure.get(target.figure);
  return found?.entry.isFull === true && judge(target, found.figure) === 'missed';
}

function describe(entry: StoredEntry | undefined): string {
  if (entry === undefined) return 'unknown';
  const { measuredAt, machine, rounds } = entry;
  const { processor, cores, memoryGb, system, versions } = machine;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${measuredAt.slice(0, 10)}, ${rounds} rounds, ${processor}, ${cores} cores, ${memoryGb} GB, ${system}; ${list.join(', ')}`;
}
