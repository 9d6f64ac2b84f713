import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { pendingItem } from '../growth/stored-items.ts';
import { defineBench } from '../harness/bench.ts';
import { type Measured, measured, quantile } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { activateAll, letPollerTick, policyFor, startWorld, untilCompleted } from '../virtual/environment.ts';
import { waitsIn } from '../virtual/quota-use.ts';
import { runForReal } from './real-run.ts';

const LIFTED = 100_000;
const MINUTE_MS = 60_000;
/** A round of a few flow logs is as many runs as make so many of them. */
const SAMPLES = 200;

type LatencySizes = {
  flowLogs: number;
  leastPendingMs: number;
  mostPendingMs: number;
  ratePerSecond: number;
  real: number;
};

/** All are accepted before the first of 80 is Active. */
const FULL: LatencySizes = {
  flowLogs: 1_000,
  leastPendingMs: 30_000,
  mostPendingMs: 190_000,
  ratePerSecond: 4,
  real: 0,
};

type Scenario = {
  name: string;
  what: string;
  /** As many as the bench's size if not given. */
  flowLogs?: number;
  isLifted?: true;
  /** Put into the table as pending, since at this pace they would be accepted over four minutes. */
  areStored?: true;
};

const SCENARIOS: readonly Scenario[] = [
  { name: '1', what: '1 of one account, then its quota is idle', flowLogs: 1 },
  { name: '20', what: '20 of one account, then its quota is idle', flowLogs: 20 },
  { name: '80', what: '80 of one account, then its quota is idle', flowLogs: 80 },
  { name: 'arriving', what: '4 calls a second, accepted one after the other' },
  { name: 'limited', what: '4 calls a second, all pending at once', areStored: true },
  { name: 'lifted', what: 'rate limit lifted, all pending at once', isLifted: true },
];

export const latency = defineBench({
  name: 'latency',
  what: 'from Active at Volcengine to the completed event on the bus',
  sizes: { full: FULL, quick: { ...FULL, flowLogs: 100 } },
  extras: ['real'],
  async run({ rounds, sizes, say }) {
    const figures: Record<string, Measured> = {};
    const rows: string[][] = [];
    const report = (name: string, what: string, runs: number[][]) => {
      const of = (share: number) =>
        measured(
          's',
          runs.map((waits) => quantile(waits, share)),
        );
      const [middle, high, most] = [of(0.5), of(0.99), of(1)];
      figures[`latency/${name}/median`] = middle;
      figures[`latency/${name}/p99`] = high;
      rows.push([what, figure(runs.flat().length), ...[middle, high, most].map(withSpread)]);
    };
    for (const scenario of SCENARIOS) {
      const runs: number[][] = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`latency, ${scenario.what}, round ${round + 1}`);
        runs.push(await runRound(sizes, scenario, round));
      }
      report(scenario.name, scenario.what, runs);
    }
    if (sizes.real > 0) {
      say('latency, in the local world, in real time: some minutes');
      report('real', 'the local world in real time, rate limit lifted', [await runForReal(sizes)]);
    }
    const table: Table = {
      title: `From Active to the completed event, ${sizes.flowLogs} flow logs if nothing else is said, in seconds`,
      columns: ['run', 'samples', 'median', 'p99', 'longest'],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        'Active: as the simulated Volcengine knows it, spread evenly over 160 s. The event: when PutEvents came with it. Real handlers and adapters in virtual time (DynamoDB, SQS and EventBridge answer in 5 ms, Volcengine in 50 ms; no CPU time); the round draws how far the schedule of the poller is into its minute. In real time (--size real=1): the bundles in the local world, and the event when the bus put it into the queue of a subscriber.',
      ],
    };
  },
});

async function runRound(sizes: LatencySizes, scenario: Scenario, round: number): Promise<number[]> {
  const { flowLogs = sizes.flowLogs } = scenario;
  const waits: number[] = [];
  for (let part = 0; part * flowLogs < Math.min(SAMPLES, sizes.flowLogs); part += 1) {
    waits.push(
      ...(await run({ ...sizes, flowLogs }, scenario, new SeededRandom(round * SAMPLES + part + 1))),
    );
  }
  return waits;
}

async function run(sizes: LatencySizes, { isLifted, areStored }: Scenario, random: SeededRandom) {
  const flowLogs = Array.from({ length: sizes.flowLogs }, (_, index) => ({
    flowLogId: flowLogIdOf(index),
    pendingMs: random.integer(sizes.leastPendingMs, sizes.mostPendingMs),
    ...(areStored && { status: 'Pending' as const }),
  }));
  const ratePerSecond = isLifted ? LIFTED : sizes.ratePerSecond;
  const world = startWorld({ flowLogs, ratePerSecond });
  if (areStored) {
    const policy = policyFor(ratePerSecond);
    for (const index of flowLogs.keys()) world.dynamodb.put(pendingItem(index, world.time.now, policy));
    await untilCompleted(world, flowLogs.length);
  } else {
    await letPollerTick(world, random.integer(0, MINUTE_MS));
    await activateAll(
      world,
      flowLogs.map(({ flowLogId }) => flowLogId),
    );
  }
  return waitsIn(world);
}
