import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { type Measured, measured, median, quantile, ratio } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { measureBasis } from '../money/basis.ts';
import { type Bill, LINES, memoryMbOf, ourBill, totalOf, WORKER } from '../money/bill.ts';
import { countUsage } from '../money/money.ts';
import type { Basis } from '../money/price-list.ts';
import type { UsageConfig } from '../money/usage.ts';
import { DURABLE_LINES, durableBill } from './durable-bill.ts';
import {
  CONTENDERS,
  type Contender,
  DurableUsage,
  FIGURES,
  type FigureName,
  VARIANTS,
  type Variant,
} from './durable-usage.ts';

type Run = Record<FigureName, number> & { bill: Bill; durable?: DurableUsage };
type Runs = Record<Contender, Run[]>;

export const durable = defineBench({
  name: 'durable',
  what: 'requests of 1, 100 and 1,000 flow logs, against AWS’s own SDK of durable functions',
  sizes: {
    full: { largest: 1_000, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4, workerMs: 2_000 },
    quick: { largest: 20, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4, workerMs: 300 },
  },
  async run({ rounds, sizes: { largest, workerMs, ...sizes }, say }) {
    const basis = await measureBasis(rounds, workerMs, say);
    const figures: Record<string, Measured> = {};
    const tables: Table[] = [];
    for (const flowLogs of [1, Math.ceil(largest / 10), largest]) {
      const runs: Runs = { ours: [], each: [], request: [] };
      for (let seed = 1; seed <= rounds; seed += 1) {
        const config = { ...sizes, flowLogs, seed };
        say(`durable, ${flowLogs} flow logs, round ${seed}`);
        runs.ours.push(await runOurs(basis, config));
        for (const variant of VARIANTS) runs[variant].push(await runTheirs(basis, config, variant));
      }
      Object.assign(figures, figuresOf(flowLogs, runs));
      tables.push(comparison(flowLogs, runs), billTable(flowLogs, runs), quantities(flowLogs, runs));
    }
    return { tables, figures, notes: notesOf(basis) };
  },
});

async function runOurs(basis: Basis, config: UsageConfig): Promise<Run> {
  const usage = await countUsage(config);
  return { ...outcomeOf(usage), ...billed(ourBill(basis, usage)) };
}

async function runTheirs(basis: Basis, config: UsageConfig, variant: Variant): Promise<Run> {
  const module = new URL('./contender.ts', import.meta.url);
  const usage = await runContender(module, { ...config, variant }, DurableUsage);
  return { ...outcomeOf(usage), ...billed(durableBill(basis, usage)), durable: usage };
}

const billed = (bill: Bill) => ({ bill, usd: totalOf(bill) });

function outcomeOf(
  usage: Pick<DurableUsage, 'activations' | 'volcengineCalls' | 'virtualMs' | 'waitsMs'>,
): Record<Exclude<FigureName, 'usd'>, number> {
  return {
    calls: usage.volcengineCalls / usage.activations,
    median: median(usage.waitsMs) / 1_000,
    p99: quantile(usage.waitsMs, 0.99) / 1_000,
    last: usage.virtualMs / 1_000,
  };
}

const valuesOf = (runs: Run[], name: FigureName) => runs.map((run) => run[name]);

function figuresOf(flowLogs: number, runs: Runs): Record<string, Measured> {
  const figures: Record<string, Measured> = {};
  for (const { name, unit } of FIGURES) {
    for (const contender of CONTENDERS) {
      figures[`durable/${flowLogs}/${contender.name}/${name}`] = measured(
        unit,
        valuesOf(runs[contender.name], name),
      );
    }
    for (const variant of VARIANTS) {
      figures[`durable/${flowLogs}/${name}-to-${variant}`] = ratio(
        valuesOf(runs.ours, name),
        valuesOf(runs[variant], name),
      );
    }
  }
  return figures;
}

function comparison(flowLogs: number, runs: Runs): Table {
  return {
    title: `A request of ${flowLogs}, 4 calls a second, Pending 3 to 30 s`,
    columns: ['contender', ...FIGURES.map(({ what }) => what)],
    rows: CONTENDERS.map(({ name, what }) => [
      what,
      ...FIGURES.map((column) => withSpread(measured(column.unit, valuesOf(runs[name], column.name)))),
    ]),
  };
}

function billTable(flowLogs: number, runs: Runs): Table {
  const lines = [...Object.values(LINES), ...Object.values(DURABLE_LINES)];
  const usd = (contender: Contender, line: string) => runs[contender].flatMap(({ bill }) => bill[line] ?? []);
  return {
    title: `A million, in requests of ${flowLogs}, US dollars`,
    columns: ['line', ...CONTENDERS.map(({ what }) => what)],
    rows: lines
      .map((line) => [
        line,
        ...CONTENDERS.map(({ name }) => {
          const values = usd(name, line);
          return values.length === 0 ? '' : figure(median(values));
        }),
      ])
      .filter(([, ...cells]) => cells.some((cell) => cell !== '')),
  };
}

function quantities(flowLogs: number, runs: Runs): Table {
  const row = (what: string, of: (usage: DurableUsage) => number) => [
    what,
    ...VARIANTS.map((variant) =>
      figure(median(runs[variant].flatMap(({ durable }) => (durable ? of(durable) : [])))),
    ),
  ];
  return {
    title: `In a request of ${flowLogs}, as the test runner of durable functions counts`,
    columns: [
      'what',
      ...VARIANTS.map((variant) => CONTENDERS.find(({ name }) => name === variant)?.what ?? ''),
    ],
    rows: [
      row('executions', ({ executions }) => executions),
      row('operations', ({ operations }) => operations),
      row('invocations', ({ invocations }) => invocations),
      row('bytes of checkpoints', ({ bytes }) => bytes),
      row('s of invocations, without processor time', ({ billedMs }) => billedMs / 1_000),
    ],
  };
}

function notesOf({ prices, assumptions }: Basis): string[] {
  return [
    `Theirs: @aws/durable-execution-sdk-js in its own LocalDurableTestRunner, each execution to its end, with our client and classification, against the fake Volcengine. Operations and bytes are those of the runner’s history, by AWS’s table of what is metered (a wait for a condition: 1 and 1 for each poll); invocations are 1 and 1 for each suspension, since the runner polls without a new one when it skips time. Waits take virtual time instead (AWS 5 ms, Volcengine 50 ms, 5 ms for an operation’s checkpoint); the same processor time as ours for each call and each invocation, ${memoryMbOf(WORKER)} MB, history kept ${assumptions.durableRetentionDays} days. An execution for each flow log waits 5, 5, 7.5, 10, 10 … s; all share one exact rate limit that costs nothing, and start one after the other as fast as it allows. One for the request: rounds of 20 calls, in which the invocation goes on, then a poll each 5 s. Not started by HTTP; one event each.`,
    `Ours: as in \`money\`; with one flow log, a minute of ticks after its end is its own. Durable functions: $${prices.durableFunctions.perMillionOperations} a million operations, $${prices.durableFunctions.perGbWritten} a GB written, $${prices.durableFunctions.perGbMonthRetained} a GB-month kept (${prices.durableFunctions.source}).`,
  ];
}
