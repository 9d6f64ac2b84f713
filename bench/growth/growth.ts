import * as v from 'valibot';
import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { exponentOf, type Measured, measured } from '../harness/statistics.ts';
import { figure, type Table } from '../harness/table.ts';
import { Round, sum } from './round.ts';

type Point = { activations: number; round: Round };

const TickMemory = v.object({ peakMb: v.number(), described: v.number(), pages: v.number() });

/** What must grow no faster than the number of activations. */
const QUANTITIES = [
  { name: 'calls', what: 'Volcengine calls', of: ({ volcengine }: Round) => sum(volcengine) },
  { name: 'dynamodb', what: 'DynamoDB requests', of: ({ dynamodb }: Round) => sum(dynamodb) },
  { name: 'items', what: 'items read', of: ({ itemsRead }: Round) => itemsRead },
  { name: 'sqs', what: 'SQS requests', of: ({ sqs }: Round) => sum(sqs) },
  { name: 'cpu', what: 'CPU ms', of: ({ cpuMs }: Round) => cpuMs },
] as const;

export const growth = defineBench({
  name: 'growth',
  what: 'how calls, requests, CPU and the memory of a tick grow with the number of activations',
  sizes: {
    full: {
      largest: 100_000,
      wireLargest: 1_000,
      leastPendingMs: 3_000,
      mostPendingMs: 30_000,
      tickLargest: 100_000,
      warmUp: 2_000,
    },
    quick: {
      largest: 1_000,
      wireLargest: 100,
      leastPendingMs: 3_000,
      mostPendingMs: 30_000,
      tickLargest: 10_000,
      warmUp: 0,
    },
  },
  async run({ sizes, say }) {
    const { leastPendingMs, mostPendingMs, warmUp } = sizes;
    const run = (activations: number, table: 'memory' | 'dynalite') => {
      say(`growth, ${activations} activations, table: ${table}`);
      const config = { activations, table, leastPendingMs, mostPendingMs, warmUp };
      const module = new URL('./round-contender.ts', import.meta.url);
      return runContender(module, config, Round, { execArgv: ['--max-old-space-size=12000'] });
    };
    const points: Point[] = [];
    for (const activations of powersOfTen(100, sizes.largest)) {
      points.push({ activations, round: await run(activations, 'memory') });
    }
    const wire: Point[] = [];
    for (const activations of powersOfTen(100, sizes.wireLargest)) {
      wire.push({ activations, round: await run(activations, 'dynalite') });
    }
    const memory = new Map<number, v.InferOutput<typeof TickMemory>>();
    for (const pending of powersOfTen(1_000, sizes.tickLargest)) {
      say(`growth, memory of a tick with ${pending} pending`);
      const module = new URL('./tick-memory-contender.ts', import.meta.url);
      memory.set(pending, await runContender(module, { pending }, TickMemory, { execArgv: ['--expose-gc'] }));
    }
    return {
      tables: [growthTable(points), wireTable(points, wire), memoryTable(memory)],
      figures: {
        ...exponents(points),
        'growth/wire': measured(
          '×',
          wire.map((onWire) => wireRatio(points, onWire)),
        ),
        'growth/tick-memory': measured('×', [memoryRatio(memory, sizes.tickLargest)]),
      },
      notes: [
        'One round each, rate limit lifted, in virtual time: the real handlers and adapters, a table, queue and bus in memory, the fake Volcengine over HTTP. CPU is of the whole process, so it has the services in it. The counts of the table in memory are compared with those on the wire of dynalite, which takes minutes for 10,000 items. The memory is the live heap, after garbage collection, that one tick adds at its highest.',
      ],
    };
  },
});

function powersOfTen(least: number, most: number): number[] {
  const powers = [];
  for (let power = least; power <= most; power *= 10) powers.push(power);
  return powers;
}

function exponents(points: Point[]): Record<string, Measured> {
  return Object.fromEntries(
    QUANTITIES.map(({ name, of }) => [`growth/${name}`, measured('exponent', [exponentIn(points, of)])]),
  );
}

function exponentIn(points: Point[], of: (round: Round) => number): number {
  return exponentOf(points.map(({ activations, round }) => [activations, of(round)]));
}

function growthTable(points: Point[]): Table {
  const each = (of: (round: Round) => number) =>
    points.map(({ activations, round }) => figure(of(round) / activations));
  return {
    title: 'For each activation, by how many there are at once',
    columns: [
      'what',
      ...points.map(({ activations }) => activations.toLocaleString('en-US')),
      'exponent',
      'of the last step',
    ],
    rows: [
      ...QUANTITIES.map(({ what, of }) => [
        what,
        ...each(of),
        figure(exponentIn(points, of)),
        figure(exponentIn(points.slice(-2), of)),
      ]),
      [
        'DynamoDB writes',
        ...each(({ dynamodb }) => (dynamodb.PutItem ?? 0) + (dynamodb.UpdateItem ?? 0)),
        '',
      ],
      ['EventBridge requests', ...each(({ eventbridge }) => sum(eventbridge)), ''],
      ['seconds in all, virtual', ...points.map(({ round }) => figure(round.virtualMs / 1_000)), ''],
      ['seconds in all, real', ...points.map(({ round }) => figure(round.wallMs / 1_000)), ''],
    ],
  };
}

function wireRatio(points: Point[], { activations, round }: Point): number {
  const inMemory = points.find((point) => point.activations === activations)?.round;
  return inMemory === undefined ? Number.NaN : sum(round.dynamodb) / sum(inMemory.dynamodb);
}

function wireTable(points: Point[], wire: Point[]): Table {
  const columns = wire.flatMap(({ activations, round }) => {
    const inMemory = points.find((point) => point.activations === activations)?.round;
    return [
      { name: `${activations} memory`, round: inMemory },
      { name: `${activations} wire`, round },
    ];
  });
  const operations = [...new Set(columns.flatMap(({ round }) => Object.keys(round?.dynamodb ?? {})))].sort();
  return {
    title: 'DynamoDB requests: the table in memory, and dynalite on the wire',
    columns: ['operation', ...columns.map(({ name }) => name)],
    rows: [
      ...operations.map((operation) => [
        operation,
        ...columns.map(({ round }) => figure(round?.dynamodb[operation] ?? 0)),
      ]),
      ['items read', ...columns.map(({ round }) => figure(round?.itemsRead ?? 0))],
    ],
  };
}

type Memory = ReadonlyMap<number, v.InferOutput<typeof TickMemory>>;

/** The largest against a tenth of it, where a tick already has all that it takes on. */
function memoryRatio(memory: Memory, largest: number): number {
  return (memory.get(largest)?.peakMb ?? Number.NaN) / (memory.get(largest / 10)?.peakMb ?? Number.NaN);
}

function memoryTable(memory: Memory): Table {
  return {
    title: 'Memory of one tick, all pending and none of them Active',
    columns: ['pending', 'live heap added, MB', 'pages read', 'flow logs asked about'],
    rows: [...memory].map(([pending, { peakMb, pages, described }]) => [
      pending.toLocaleString('en-US'),
      figure(peakMb),
      figure(pages),
      figure(described),
    ]),
  };
}
