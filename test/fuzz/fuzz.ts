import { readCommandLine, refuse } from '../../clients/terminal/command-line.ts';
import { integer, text } from '../../clients/terminal/program.ts';
import { type Finding, runSurface, type SurfaceReport, shrink } from './run-surface.ts';
import type { Surface } from './surface.ts';
import { SURFACES } from './surfaces.ts';
import { startWatchdog } from './watchdog.ts';

const NAMES = SURFACES.map(({ name }) => name);
const program = {
  command: 'npm run fuzz',
  about: `Feeds seeded inputs to every surface of the real code, and holds each answer to what is promised. Exits with 1 for a
violation, shrinks it, and says how to replay it.`,
  options: {
    inputs: integer({ help: 'for each surface', from: 1, to: 100_000_000, fallback: 10_000 }),
    seed: integer({
      help: 'the same seed draws the same inputs',
      from: 0,
      to: 2 ** 31 - 1,
      fallback: Math.floor(Math.random() * 2 ** 31),
      byDefault: 'drawn, and printed',
    }),
    surface: text({
      help: 'only those whose name contains it',
      value: 'text',
      fallback: '',
      byDefault: 'all',
    }),
    from: integer({ help: 'the index of the first input', from: 0, to: 100_000_000, fallback: 0 }),
  },
  examples: [
    `--inputs 1000 --surface '${NAMES[0]}'`,
    `--surface '${NAMES[0]}' --seed 7 --from 42 --inputs 1`,
  ],
};
const {
  values: { inputs, seed, surface: wanted, from },
} = readCommandLine(program);
const chosen = SURFACES.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0) {
  refuse(
    program,
    `--surface must be part of a surface's name, not "${wanted}".`,
    `There are: ${NAMES.join(', ')}.`,
  );
}

const COLUMNS = [
  'surface',
  'inputs',
  'refused',
  'accepted',
  'crashes',
  '5xx',
  'other',
  'slowest ms (input)',
  'MB',
];
const WIDTHS = [38, 8, 8, 9, 8, 5, 6, 20, 6];
const row = (cells: (string | number)[]) =>
  cells
    .map((cell, index) =>
      index === 0 ? String(cell).padEnd(WIDTHS[0] ?? 0) : String(cell).padStart(WIDTHS[index] ?? 0),
    )
    .join('');

const watchdog = startWatchdog(seed);
console.log(`seed ${seed}\n${row(COLUMNS)}`);
const reports: { surface: Surface; report: SurfaceReport }[] = [];
for (const surface of chosen) {
  const report = await runSurface(surface, {
    inputs: Math.ceil(inputs * surface.share),
    seed,
    from,
    onInput: (index) => watchdog.beginInput(surface.name, index),
  });
  watchdog.rest();
  reports.push({ surface, report });
  console.log(row(cellsOf(report)));
}
await watchdog.stop();

const sum = (count: (report: SurfaceReport) => number) =>
  reports.reduce((total, { report }) => total + count(report), 0);
const violationCount = sum(({ violations }) =>
  [...violations.values()].reduce((total, times) => total + times, 0),
);
console.log(
  `${sum((report) => report.inputs)} inputs, ${violationCount} violations, peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
);
for (const { surface, report } of reports) {
  for (const [kind, findings] of Map.groupBy(report.findings, (finding) => titleOf(finding))) {
    const [first] = findings;
    if (first) await explain(surface, first, kind, findings.length);
  }
}
process.exitCode = violationCount > 0 ? 1 : 0;

function cellsOf(report: SurfaceReport): (string | number)[] {
  const { surface, accepted, refused, violations, slowest, hungriest } = report;
  const count = (...kinds: Finding['kind'][]) =>
    kinds.reduce((sum, kind) => sum + (violations.get(kind) ?? 0), 0);
  const crashes = count('crash', 'unhandled rejection', 'hang');
  const others = count('slow', 'memory', 'unclassified', 'property');
  const slow = `${slowest.ms.toFixed(1)} (${slowest.index})`;
  return [
    surface,
    report.inputs,
    refused,
    accepted,
    crashes,
    count('5xx'),
    others,
    slow,
    (hungriest.bytes / 2 ** 20).toFixed(0),
  ];
}

async function explain(surface: Surface, finding: Finding, kind: string, times: number): Promise<void> {
  console.log(`\n${surface.name}: ${kind} (${times} times)\n${finding.message}\ninput: ${finding.input}`);
  console.log(`smallest: ${await shrink(surface, finding)}`);
  console.log(
    `replay: npm run fuzz -- --surface '${surface.name}' --seed ${seed} --from ${finding.index} --inputs 1`,
  );
}

/** Findings of one cause mostly begin alike. */
function titleOf({ kind, message }: Finding): string {
  return `${kind}: ${message.split('\n', 1)[0]?.slice(0, 36).replaceAll(/\d+/g, 'N')}`;
}
