import { fileURLToPath } from 'node:url';
import { CONTENDERS, FIGURES } from './durable/durable-usage.ts';
import { formatMarkdown, figure as rounded, type Table, withSpread } from './harness/table.ts';
import { judge, limitOf } from './harness/verdict.ts';
import type { StoredEntry } from './results.ts';
import { TARGETS, type Target } from './targets.ts';

export const BENCHMARKS_PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const MILLION = 1_000_000;

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

## Lambda durable functions

The same job on AWS's own SDK (\`@aws/durable-execution-sdk-js\`, run by its own test runner, with our client and classification): a request at 4 calls a second, Pending 3 to 30 s. \`npm run bench -- durable\` prints the bills and what is assumed.

${formatMarkdown(durableTable(entries))}

**Where durable functions are better.** There is no table, queue or poller to deploy, and nothing to pay when idle. This costs $${rounded(figureOf(entries, 'money/idle/all').median)} a month before the first activation, most of it for alarms: for a hundred activations a month that is all that counts, and a durable function costs a cent. For one request of many flow logs, one execution with polls of 100 ids costs a fifth of ours, makes as few calls, and ends as early. If you activate a known list from one place, and nobody else calls the same account, write that function: it is about 200 lines in \`bench/durable\`, with the client and the error table of \`lib/volcengine\`.

**Where this is better.** Requests from many callers, a few flow logs each. Executions know nothing of each other. Two of one account call twice as often as they may, and two for the same flow log both call. (The table above grants the executions one exact limit, for nothing.) An execution for each flow log makes four times the calls, and costs four times as much. To share the rate, to join requests, to look up, cancel or redrive one flow log, and to notice drift, you need a table with conditional writes beside them; then most of this project is there again. An execution has at most 3,000 operations: an execution that maps over 1,000 flow logs, each with its own polls, needs 7,000.

## When, and on what

${[...measurements].map(([description, names]) => `- ${names.map((name) => `\`${name}\``).join(', ')}: ${description}`).join('\n')}
`;
}

function durableTable(entries: Entries): Table {
  const names = Object.values(entries).flatMap(({ figures }) => Object.keys(figures));
  const sizes = new Set(names.flatMap((name) => /^durable\/(\d+)\//.exec(name)?.[1] ?? []));
  return {
    title: '',
    columns: ['flow logs', 'contender', ...FIGURES.map(({ what }) => what)],
    rows: [...sizes].flatMap((size) =>
      CONTENDERS.map(({ name, what }) => [
        Number(size).toLocaleString('en-US'),
        what,
        ...FIGURES.map((column) =>
          rounded(figureOf(entries, `durable/${size}/${name}/${column.name}`).median),
        ),
      ]),
    ),
  };
}

/** What README says of it, line by line. Throws when a figure is missing. */
export function readmeFigures(entries: Entries): string[] {
  const of = (name: string) => rounded(figureOf(entries, name).median);
  const missed = TARGETS.filter((target) => verdictOf(entries, target) === 'missed').length;
  const hundredUsd = (figureOf(entries, 'durable/1/ours/usd').median * 100) / MILLION;
  return [
    `- $${of('money/idle/all')} for a month in which nothing is asked for, at list prices: $${of('money/idle/ours')} for the service, $${of('money/idle/choice')} for its alarms, their key and one secret. A hundred activations, one by one, add $${rounded(hundredUsd)}.`,
    `- $${of('money/limited/usd')} for a million activations at 4 calls a second: ${of('money/limited/standard')} times the money of a job poller of Step Functions Standard, ${of('money/limited/express')} times that of Express.`,
    `- ${of('durable/1000/usd-to-each')} times the money of a Lambda durable execution for each flow log; ${of('durable/1000/usd-to-request')} times that of one for a whole request of 1,000, and durable functions cost nothing when idle: [when to take which](docs/benchmarks.md#lambda-durable-functions).`,
    `- ${of('calls/limited/ours')} calls of Volcengine for an activation at 4 calls a second; the Terraform provider’s loop makes ${of('calls/lifted/provider')}.`,
    `- An event ${of('latency/80/median')} s after Active at the median, up to 80 pending of an account; ${of('latency/arriving/median')} s while 1,000 are called at 4 a second.`,
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
