import { fileURLToPath } from 'node:url';
import { formatMarkdown, figure as rounded, withSpread } from './harness/table.ts';
import { judge, limitOf } from './harness/verdict.ts';
import type { StoredEntry } from './results.ts';
import { TARGETS, type Target } from './targets.ts';

export const BENCHMARKS_PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

type Entries = Record<string, StoredEntry>;

/** docs/benchmarks.md, whole: all targets, when each was measured, on what, and why one is missed. */
export function benchmarksPage(entries: Entries): string {
  const measurements = Map.groupBy(Object.keys(entries), (name) => describe(entries[name]));
  const reasons = Map.groupBy(
    TARGETS.filter((target) => verdictOf(entries, target) === 'missed'),
    ({ ifMissed = 'the reason is not known.' }) => ifMissed,
  );
  return `# Benchmarks

For reviewers: what was measured, against what, and which targets are missed. \`npm run bench\` writes this page from \`bench/results.json\`.

The contenders of a row are compared in turns, in one run: medians, and in brackets the least and the most of the rounds. Processor time and counts are steadier than rates. Calls, requests, latency and money are counted in virtual time, with the real handlers and the fake Volcengine. The worker and the cold starts are those of the shipped bundles. What many accounts and ten million flow logs cost, and which limit binds first: [scale.md](scale.md).

## Targets

${formatMarkdown({
  title: '',
  columns: ['what', 'against', 'target', 'measured', 'verdict'],
  rows: TARGETS.map((target) => rowOf(entries, target)),
})}

## Missed

${[...reasons].map(([reason, missed]) => `- ${missed.map(({ what }) => what).join('; ')}: ${reason}`).join('\n')}

## When, and on what

${[...measurements].map(([description, names]) => `- ${names.map((name) => `\`${name}\``).join(', ')}: ${description}`).join('\n')}
`;
}

/** What README says of it, line by line. Throws when a figure is missing. */
export function readmeFigures(entries: Entries): string[] {
  const of = (name: string) => rounded(figureOf(entries, name).median);
  const missed = TARGETS.filter((target) => verdictOf(entries, target) === 'missed').length;
  return [
    `- ${of('calls/limited/ours')} calls of Volcengine for an activation at 4 calls a second; the Terraform provider’s loop makes ${of('calls/lifted/provider')}.`,
    `- ${of('money/limited/standard')} times the money of a job poller of Step Functions Standard, ${of('money/limited/express')} times that of Express.`,
    `- ${TARGETS.length - missed} of ${TARGETS.length} targets are met; the others, with the reasons: [docs/benchmarks.md](docs/benchmarks.md).`,
  ];
}

function rowOf(entries: Entries, target: Target): string[] {
  const { what, against, unit } = target;
  const head = [what, against, limitOf(target)];
  const verdict = verdictOf(entries, target);
  if (verdict === 'not measured') return [...head, '', verdict];
  const measured = `${withSpread(figureOf(entries, target.figure))} ${unit}`;
  return [...head, measured, verdict === 'missed' ? '**missed**' : verdict];
}

function verdictOf(entries: Entries, target: Target): string {
  const entry = Object.values(entries).find(({ figures }) => target.figure in figures);
  const measured = entry?.figures[target.figure];
  if (measured === undefined) return 'not measured';
  return entry?.isFull ? judge(target, measured) : 'none: other sizes';
}

function figureOf(entries: Entries, name: string) {
  const measured = Object.values(entries).find(({ figures }) => name in figures)?.figures[name];
  if (measured === undefined) throw new Error(`${name} was not measured`);
  return measured;
}

function describe(entry: StoredEntry | undefined): string {
  if (entry === undefined) return 'unknown';
  const { measuredAt, machine, rounds } = entry;
  const { processor, cores, memoryGb, system, versions } = machine;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${measuredAt.slice(0, 10)}, ${rounds} rounds, ${processor}, ${cores} cores, ${memoryGb} GB, ${system}; ${list.join(', ')}`;
}
