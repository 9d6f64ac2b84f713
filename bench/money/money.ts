import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { type Measured, measured, median } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { measureBasis } from './basis.ts';
import { type Bill, LINES, memoryMbOf, ourBill, POLLER, stretchedMs, totalOf, WORKER } from './bill.ts';
import { countIdleResources, idleMonth, idleMonthTable } from './idle-month.ts';
import { expressBill, standardBill, waitingBill } from './peers.ts';
import { pendingTimes } from './pending-times.ts';
import type { Basis } from './price-list.ts';
import { statusCost, statusTable } from './status-cost.ts';
import { Usage, type UsageConfig } from './usage.ts';

const LIFTED = 100_000;

const OURS = [
  { name: 'limited', what: 'ours, 4 a second' },
  { name: 'lifted', what: 'ours, rate lifted' },
] as const;
type Ours = (typeof OURS)[number]['name'];

const PEERS = [
  { name: 'standard', what: 'Standard', billOf: standardBill },
  { name: 'express', what: 'Express', billOf: expressBill },
  { name: 'waiting', what: 'waiting Lambda', billOf: waitingBill },
] as const;

/** One round: what was counted, and what the others would cost with the same flow logs. */
type Round = { usages: Record<Ours, Usage>; bills: Map<string, Bill> };

export const money = defineBench({
  name: 'money',
  what: 'a million activations at list prices, against Step Functions and a Lambda that waits',
  sizes: {
    full: {
      flowLogs: 1_000,
      leastPendingMs: 3_000,
      mostPendingMs: 30_000,
      ratePerSecond: 4,
      workerMs: 2_000,
    },
    quick: { flowLogs: 100, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4, workerMs: 300 },
  },
  async run({ rounds, sizes: { workerMs, ...sizes }, say }) {
    const basis = await measureBasis(rounds, workerMs, say);
    const results: Round[] = [];
    for (let seed = 1; seed <= rounds; seed += 1) {
      say(`money, round ${seed}`);
      results.push(await runRound(basis, { ...sizes, seed }));
    }
    const figures: Record<string, Measured> = {};
    for (const ours of OURS) {
      const totals = results.map(({ bills }) => totalOf(bills.get(ours.name) ?? {}));
      figures[`money/${ours.name}/usd`] = measured('USD', totals);
      figures[`money/${ours.name}/sqs`] = measured(
        'requests',
        results.map(({ usages }) => usages[ours.name].sqsRequests / usages[ours.name].activations),
      );
      for (const peer of PEERS) {
        const theirs = results.map(({ bills }) => totalOf(bills.get(peer.name) ?? {}));
        figures[`money/${ours.name}/${peer.name}`] = measured(
          '×',
          totals.map((total, round) => total / (theirs[round] ?? Number.NaN)),
        );
      }
    }
    say('money, an idle hour');
    const hour = await countUsage({ ...sizes, flowLogs: 0, seed: 1 });
    const idle = idleMonth(basis, hour, await countIdleResources());
    for (const name of ['ours', 'choice', 'all', 'beyondFree'] as const) {
      figures[`money/idle/${name}`] = measured('USD', [idle[name]]);
    }
    for (const ours of OURS) {
      const capacities = results.map(({ usages }) => usages[ours.name].capacity);
      figures[`money/${ours.name}/forReaders`] = measured('%', capacities.map(percentForReaders));
    }
    const status = await statusCost();
    for (const { name, units } of status) figures[`money/status/${name}`] = measured('read units', [units]);
    return {
      tables: [
        billTable(results),
        rangeTable(basis, results),
        quantitiesTable(results),
        writesTable(results),
        statusTable(status),
        idleMonthTable(idle),
      ],
      figures,
      notes: notesOf(basis),
    };
  },
});

async function runRound(basis: Basis, config: UsageConfig): Promise<Round> {
  const usages = {
    limited: await countUsage(config),
    lifted: await countUsage({ ...config, ratePerSecond: LIFTED }),
  };
  return { usages, bills: billsOf(basis, usages, pendingTimes(config)) };
}

export function countUsage(config: UsageConfig): Promise<Usage> {
  return runContender(new URL('./contender.ts', import.meta.url), config, Usage, {
    env: {
      // As deployed; the virtual world of this process has silenced its own.
      POWERTOOLS_LOG_LEVEL: 'INFO',
      POWERTOOLS_SERVICE_NAME: 'flow-log-activator-dev',
      POWERTOOLS_METRICS_NAMESPACE: 'flow-log-activator',
    },
  });
}

function billsOf(basis: Basis, usages: Record<Ours, Usage>, pendingMs: number[]): Map<string, Bill> {
  return new Map<string, Bill>([
    ...OURS.map(({ name }): [string, Bill] => [name, ourBill(basis, usages[name])]),
    ...PEERS.map(({ name, billOf }): [string, Bill] => [name, billOf(basis, pendingMs)]),
  ]);
}

function billTable(results: Round[]): Table {
  const contenders = [...OURS, ...PEERS];
  const values = (contender: string, of: (bill: Bill) => number | undefined) =>
    results.flatMap(({ bills }) => of(bills.get(contender) ?? {}) ?? []);
  return {
    title: 'A million activations, Pending 3 to 30 s, US dollars',
    columns: ['line', ...contenders.map(({ what }) => what)],
    rows: [
      ...Object.values(LINES).map((line) => [
        line,
        ...contenders.map(({ name }) => {
          const usd = values(name, (bill) => bill[line]);
          return usd.length === 0 ? '' : figure(median(usd));
        }),
      ]),
      ['in all', ...contenders.map(({ name }) => withSpread(measured('USD', values(name, totalOf))))],
    ],
  };
}

/** How much hangs on the processor time, which Lambda's processors may take more or less of. */
function rangeTable(basis: Basis, results: Round[]): Table {
  const [first] = results;
  const { cpuFactorLeast, cpuFactorMost } = basis.assumptions;
  const rows = [cpuFactorLeast, 1, cpuFactorMost].map((factor) => {
    const changed = {
      ...basis,
      cpuMs: basis.cpuMs * factor,
      pollerCpuMs: basis.pollerCpuMs * factor,
      tickCpuMs: basis.tickCpuMs * factor,
    };
    const totals = OURS.map(({ name }) =>
      first === undefined ? Number.NaN : totalOf(ourBill(changed, first.usages[name])),
    );
    return [`× ${factor}`, ...totals.map(figure)];
  });
  return {
    title: 'The same in all, by the processor time that a record takes, US dollars, first round',
    columns: ['processor time', ...OURS.map(({ what }) => what)],
    rows,
  };
}

function quantitiesTable(results: Round[]): Table {
  const row = (what: string, of: (usage: Usage) => number) => [
    what,
    ...OURS.map(({ name }) =>
      figure(median(results.map(({ usages }) => of(usages[name]) / usages[name].activations))),
    ),
  ];
  const names = Object.keys(results[0]?.usages.limited.invocations ?? {}).sort();
  return {
    title: 'For each activation, as counted',
    columns: ['what', ...OURS.map(({ what }) => what)],
    rows: [
      row('Volcengine calls', ({ volcengineCalls }) => volcengineCalls),
      ...names.map((name) =>
        row(`invocations of ${name}`, ({ invocations }) => invocations[name]?.count ?? 0),
      ),
      ...names.map((name) =>
        row(`ms of ${name}, without processor time`, ({ invocations }) => invocations[name]?.virtualMs ?? 0),
      ),
      ...['table', 'due', 'list', 'attention', 'flow-log'].map((part) =>
        row(`write units, ${part}`, ({ capacity }) => capacity.writeUnits[part] ?? 0),
      ),
      row('of the write units, what only readers need', ({ capacity }) => capacity.unitsForReaders),
      row('read units', ({ capacity }) => capacity.readUnits),
      row('SQS requests', ({ sqsRequests }) => sqsRequests),
      row('events', ({ events }) => events.count),
      row('bytes of events', ({ events }) => events.bytes),
      row('log lines', ({ logs }) => logs.lines),
      row('log bytes', ({ logs }) => logs.bytes),
    ],
  };
}

function writesTable(results: Round[]): Table {
  const usage = results[0]?.usages.limited;
  const writes = Object.entries(usage?.capacity.writes ?? {});
  return {
    title: 'Writes, 4 a second: units with those of the indexes, first round',
    columns: ['write', 'for each activation', 'bytes of the item', 'units'],
    rows: writes.map(([name, { count, bytes, units }]) => [
      name,
      figure(count / (usage?.activations ?? Number.NaN)),
      figure(bytes / count),
      figure(units / count),
    ]),
  };
}

/** How much more the writes of an activation cost by what only readers need. */
function percentForReaders({ writeUnits, unitsForReaders }: Usage['capacity']): number {
  const all = Object.values(writeUnits).reduce((sum, units) => sum + units, 0);
  return (100 * unitsForReaders) / (all - unitsForReaders);
}

function notesOf(basis: Basis): string[] {
  const { prices, assumptions, cpuMs, pollerCpuMs, tickCpuMs } = basis;
  return [
    `Prices: list prices of ${prices.region} as known on ${prices.date}, without free tiers where nothing else is said (bench/money/prices.json; check before relying on them). Left out: storage, data transfer, cold starts; DescribeEventBus is free.`,
    `Ours: counted in virtual time with the real handlers and adapters; one POST of 1,000 ids, metadata empty. Capacity units by the items written (bench/money/capacity.ts). Lambda: ${memoryMbOf(WORKER)} MB for the worker and for what it is compared with, ${memoryMbOf(POLLER)} for the poller; waits and I/O by the virtual clock (AWS 5 ms, Volcengine 50 ms), and ${figure(cpuMs)} ms of processor time a record, measured with the worker's shipped bundle and stretched to ${figure(stretchedMs(basis, cpuMs, WORKER))} ms by its part of a processor; the same is assumed for each id that is requested. The poller takes ${figure(pollerCpuMs)} ms for an activation and ${figure(tickCpuMs)} ms for a tick, measured and stretched likewise, beside its waits. Webhooks out: none, as by default. SQS: sends, receives and deletes of the event source mappings of jobs and of ticks, and ${assumptions.pollersOfAnIdleQueue} long polls each ${assumptions.longPollSeconds} s of both queues besides, for as long as the run lasts. The idle month: an hour counted, and what is always free in an account that uses it for nothing else. Logs: the bytes that the handlers wrote, and Lambda's own lines.`,
    `Theirs: activate, then wait ${assumptions.secondsBetweenLooks} s, describe and choose until Active, then one event; the same pending times, calls of the same length, no log lines of their own, no rate limit, no start by HTTP. They make a call of DescribeFlowLogs at each look, for one flow log, and keep no state: no idempotency, no joining, no retry of what was lost.`,
  ];
}
