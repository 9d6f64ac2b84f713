import { parseArgs } from 'node:util';
import { type Finding, runSurface, type SurfaceReport, shrink } from './run-surface.ts';
import type { Surface } from './surface.ts';
import { SURFACES } from './surfaces.ts';
import { startWatchdog } from './watchdog.ts';

const USAGE = `node test/fuzz/fuzz.ts [--inputs N] [--seed S] [--surface NAME] [--from INDEX]
  --inputs   inputs for each surface (10000)
  --seed     an integer; drawn if not given, and printed
  --surface  the surfaces whose name contains this
  --from     index of the first input, to replay one: --surface NAME --seed S --from INDEX --inputs 1`;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    surface: { type: 'string', default: '' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);
const from = Number(values.from);
const chosen = SURFACES.filter(({ name }) => name.includes(values.surface));

if (values.help || ![inputs, seed, from].every(Number.isSafeInteger) || chosen.length === 0) {
  console.error(`${USAGE}\n  surfaces: ${SURFACES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
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
    `replay: node test/fuzz/fuzz.ts --surface '${surface.name}' --seed ${seed} --from ${finding.index} --inputs 1`,
  );
}

/** Findings of one cause mostly begin alike. */
function titleOf({ kind, message }: Finding): string {
  return `${kind}: ${message.split('\n', 1)[0]?.slice(0, 36).replaceAll(/\d+/g, 'N')}`;
}
