import * as v from 'valibot';
import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { interleave } from '../harness/interleave.ts';
import { type Measured, measured, median } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';

const Tick = v.object({
  requests: v.number(),
  itemsRead: v.number(),
  volcengineCalls: v.number(),
  ms: v.number(),
});
type Tick = v.InferOutput<typeof Tick>;

const WAITING = ['queued', 'pending'] as const;
type Waiting = (typeof WAITING)[number];
type Setting = { table: 'memory' | 'dynalite'; finished: number };

const nameOf = ({ table, finished }: Setting) => `${finished.toLocaleString('en-US')} finished, ${table}`;

export const idleTick = defineBench({
  name: 'idle-tick',
  what: 'a tick of the poller when nothing is to be done, by how many activations have ended',
  sizes: {
    full: { waiting: 1_000, finished: 100_000, wireFinished: 1_000, ticks: 200 },
    quick: { waiting: 100, finished: 1_000, wireFinished: 100, ticks: 20 },
  },
  async run({ rounds, sizes: { waiting, finished, wireFinished, ticks }, say }) {
    const settings: Setting[] = [
      { table: 'memory', finished: 0 },
      { table: 'memory', finished: finished / 10 },
      { table: 'memory', finished },
      { table: 'dynalite', finished: 0 },
      { table: 'dynalite', finished: wireFinished },
    ];
    const tables: Table[] = [];
    const figures: Record<string, Measured> = {};
    for (const kind of WAITING) {
      const ticksOf = await interleave(settings.map(nameOf), rounds, (name) => {
        const setting = settings.find((candidate) => nameOf(candidate) === name);
        say(`idle tick, ${waiting} ${kind}, ${name}`);
        const config = { ...setting, waiting, kind, ticks };
        const execArgv = ['--max-old-space-size=8000'];
        return runContender(new URL('./contender.ts', import.meta.url), config, Tick, { execArgv });
      });
      tables.push(tableOf(kind, waiting, settings, ticksOf));
      Object.assign(figures, figuresOf(kind, settings, ticksOf));
    }
    return {
      tables,
      figures,
      notes: [
        'Queued: requested, and their jobs not yet overdue. Pending: accepted more than five minutes ago, and not to be asked about before the next half minute. The table in memory finds what is due as DynamoDB’s index does; dynalite is counted on the wire, and is too slow to be filled with more. Time is of the tick with the table in the same process.',
      ],
    };
  },
});

type TicksOf = (name: string) => Tick[];

function figuresOf(kind: Waiting, settings: Setting[], ticksOf: TicksOf): Record<string, Measured> {
  const inMemory = settings.filter(({ table }) => table === 'memory');
  const medians = (of: (tick: Tick) => number) =>
    inMemory.map((setting) => median(ticksOf(nameOf(setting)).map(of)));
  const growthOf = (of: (tick: Tick) => number) => {
    const [atNone = 0, ...others] = medians(of);
    return measured('more', [Math.max(...others) - atNone]);
  };
  return {
    [`idle-tick/${kind}/requests`]: growthOf(({ requests }) => requests),
    [`idle-tick/${kind}/items-growth`]: growthOf(({ itemsRead }) => itemsRead),
    [`idle-tick/${kind}/items-read`]: measured(
      'items',
      medians(({ itemsRead }) => itemsRead),
    ),
    [`idle-tick/${kind}/calls`]: measured(
      'calls',
      medians(({ volcengineCalls }) => volcengineCalls),
    ),
  };
}

function tableOf(kind: Waiting, waiting: number, settings: Setting[], ticksOf: TicksOf): Table {
  return {
    title: `A tick of the poller, ${waiting} ${kind} and none to be looked at`,
    columns: ['table', 'DynamoDB requests', 'items read', 'Volcengine calls', 'ms'],
    rows: settings.map((setting) => {
      const ticks = ticksOf(nameOf(setting));
      const of = (quantity: (tick: Tick) => number) => figure(median(ticks.map(quantity)));
      return [
        nameOf(setting),
        of(({ requests }) => requests),
        of(({ itemsRead }) => itemsRead),
        of(({ volcengineCalls }) => volcengineCalls),
        withSpread(
          measured(
            'ms',
            ticks.map(({ ms }) => ms),
          ),
        ),
      ];
    }),
  };
}
