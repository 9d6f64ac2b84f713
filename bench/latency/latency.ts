import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { pendingItem } from '../growth/stored-items.ts';
import { defineBench } from '../harness/bench.ts';
import { type Measured, measured, quantile } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import {
  activateAll,
  type Environment,
  letPollerTick,
  policyFor,
  startWorld,
  untilCompleted,
} from '../virtual/environment.ts';
import { runForReal } from './real-run.ts';
import type { Waits } from './waits.ts';

const LIFTED = 100_000;
const MINUTE_MS = 60_000;

type LatencySizes = {
  flowLogs: number;
  leastPendingMs: number;
  mostPendingMs: number;
  tickMs: number;
  ratePerSecond: number;
  real: number;
};

const FULL: LatencySizes = {
  flowLogs: 1_000,
  leastPendingMs: 10_000,
  mostPendingMs: 190_000,
  tickMs: 5_000,
  ratePerSecond: 4,
  real: 0,
};

const SCENARIOS = [
  { name: 'lifted', what: 'rate limit lifted, all pending at once' },
  { name: 'arriving', what: '4 calls a second, accepted one after the other' },
  { name: 'limited', what: '4 calls a second, all pending at once' },
] as const;
type Scenario = (typeof SCENARIOS)[number]['name'];

export const latency = defineBench({
  name: 'latency',
  what: 'from Active at Volcengine to the completed event on the bus, in ticks of the poller',
  sizes: { full: FULL, quick: { ...FULL, flowLogs: 100 } },
  extras: ['real'],
  async run({ rounds, sizes, say }) {
    const figures: Record<string, Measured> = {};
    const rows: string[][] = [];
    const report = (name: string, what: string, runs: Waits[]) => {
      for (const where of ['within', 'across'] as const) {
        const waits = runs.map((run) => run[where]);
        const of = (share: number) =>
          measured(
            'ticks',
            waits.map((ticks) => quantile(ticks, share)),
          );
        const [middle, high, most] = [of(0.5), of(0.99), of(1)];
        figures[`latency/${name}/${where}/median`] = middle;
        figures[`latency/${name}/${where}/p99`] = high;
        rows.push([what, where, figure(waits.flat().length), ...[middle, high, most].map(withSpread)]);
      }
    };
    for (const { name, what } of SCENARIOS) {
      const runs: Waits[] = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`latency, ${what}, round ${round + 1}`);
        runs.push(await run(sizes, name, round));
      }
      report(name, what, runs);
    }
    if (sizes.real > 0) {
      say('latency, in the local world, in real time: some minutes');
      report('real', 'the local world in real time, rate limit lifted', [await runForReal(sizes)]);
    }
    const table: Table = {
      title: `From Active to the completed event, ${sizes.flowLogs} flow logs, in ticks of ${sizes.tickMs / 1_000} s`,
      columns: ['run', 'next tick', 'samples', 'median', 'p99', 'longest'],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        'Active: as the fake Volcengine knows it, spread evenly over three minutes. The event: when PutEvents came with it. `within` and `across`: whether the next tick that began after a flow log was Active was of the same invocation as the one before, or of the next minute’s; the last tick of an invocation begins at second 50. Real handlers and adapters in virtual time (DynamoDB, SQS and EventBridge answer in 5 ms, Volcengine in 50 ms; no CPU time); the round draws how far the poller is into its minute. In real time (--size real=1): the bundles in the local world, the event when the bus put it into the queue of a subscriber, and no choice of where in the minute it begins. `all pending at once` at 4 calls a second: put into the table as pending, since at this pace they would be accepted over six minutes.',
      ],
    };
  },
});

async function run(sizes: LatencySizes, scenario: Scenario, round: number): Promise<Waits> {
  const random = new SeededRandom(round + 1);
  const flowLogs = Array.from({ length: sizes.flowLogs }, (_, index) => ({
    flowLogId: flowLogIdOf(index),
    pendingMs: random.integer(sizes.leastPendingMs, sizes.mostPendingMs),
    ...(scenario === 'limited' && { status: 'Pending' as const }),
  }));
  const ratePerSecond = scenario === 'lifted' ? LIFTED : sizes.ratePerSecond;
  const world = startWorld({ flowLogs, ratePerSecond, tickMs: sizes.tickMs });
  if (scenario === 'limited') {
    const policy = policyFor(ratePerSecond, sizes.tickMs);
    for (const index of flowLogs.keys()) world.dynamodb.put(pendingItem(index, world.time.now, policy));
    await untilCompleted(world, flowLogs.length);
  } else {
    await letPollerTick(world, random.integer(0, MINUTE_MS));
    await activateAll(
      world,
      flowLogs.map(({ flowLogId }) => flowLogId),
    );
  }
  return waitsIn(world, sizes.tickMs);
}

function waitsIn({ activeAt, events, ticks }: Environment, tickMs: number): Waits {
  const waits: Waits = { within: [], across: [] };
  for (const [flowLogId, at] of activeAt) {
    const toldAt = events.completedAt.get(flowLogId);
    if (toldAt === undefined) throw new Error(`nobody was told of ${flowLogId}`);
    const next = ticks.findIndex((tick) => tick.at > at);
    const isAcross = ticks[next]?.invocation !== ticks[next - 1]?.invocation;
    waits[isAcross ? 'across' : 'within'].push((toldAt - at) / tickMs);
  }
  return waits;
}
