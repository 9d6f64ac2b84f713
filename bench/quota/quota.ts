import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { defineBench } from '../harness/bench.ts';
import { type Measured, measured, ratio } from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { letPollerTick, startWorld, untilCompleted, type WorldOptions } from '../virtual/environment.ts';
import { type QuotaUse, quotaUseIn } from '../virtual/quota-use.ts';

const MINUTE_MS = 60_000;
const REQUESTS = 10;
/** As Volcengine, by what the Terraform provider allows itself. */
const LIMIT = { callsPerSecond: 4, burst: 10, code: 'AccountFlowLimitExceeded' } as const;
const TWO_SECONDS_MS = 2_000;

type QuotaSizes = {
  flowLogs: number;
  leastPendingMs: number;
  mostPendingMs: number;
  ratePerSecond: number;
  workers: number;
};

type Scenario = {
  name: string;
  what: string;
  requests: number;
  /** Ten flow logs of another account are requested right after the first. */
  hasNeighbour?: boolean;
  world?: Partial<WorldOptions>;
};

const SCENARIOS: readonly Scenario[] = [
  { name: 'one', what: 'one request', requests: 1 },
  { name: 'ten', what: 'ten requests of a tenth', requests: REQUESTS },
  {
    name: 'neighbour',
    what: 'one request, and ten flow logs of another account',
    requests: 1,
    hasNeighbour: true,
  },
  {
    name: 'limited',
    what: 'one request, a limit of 4 and bursts of 10, two pollers',
    requests: 1,
    world: { limit: LIMIT, isPolledTwice: true },
  },
  {
    name: 'clocks',
    what: 'the same, clocks that differ by up to 2 s',
    requests: 1,
    world: { limit: LIMIT, isPolledTwice: true, clocksDifferMs: TWO_SECONDS_MS },
  },
];

type Run = QuotaUse & { neighbourMs: number };

export const quota = defineBench({
  name: 'quota',
  what: 'how the quota of one account is used, what it costs, and who waits for whom',
  sizes: {
    full: { flowLogs: 1_000, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4, workers: 20 },
    quick: { flowLogs: 50, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4, workers: 20 },
  },
  async run({ rounds, sizes, say }) {
    const runs = new Map<string, Run[]>();
    for (const scenario of SCENARIOS) {
      const ofScenario: Run[] = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`quota, ${scenario.what}, round ${round + 1}`);
        ofScenario.push(await run(scenario, sizes, round));
      }
      runs.set(scenario.name, ofScenario);
    }
    const valuesOf = (name: string, of: (run: Run) => number) => (runs.get(name) ?? []).map(of);
    const until = (name: string) => valuesOf(name, ({ untilLastActivation }) => untilLastActivation);
    const figures: Record<string, Measured> = {
      'quota/last-call': measured(
        '×',
        valuesOf('one', ({ share }) => 1 / share),
      ),
      'quota/last-event': measured(
        '×',
        valuesOf('one', ({ lastEventToLeast }) => lastEventToLeast),
      ),
      'quota/writes': measured(
        'writes',
        valuesOf('one', ({ quotaWritesEach }) => quotaWritesEach),
      ),
      'quota/ten-to-one': ratio(until('ten'), until('one')),
      'quota/neighbour': measured(
        's',
        valuesOf('neighbour', ({ neighbourMs }) => neighbourMs / 1_000),
      ),
      'quota/throttled': measured(
        '%',
        valuesOf('limited', ({ throttled }) => throttled * 100),
      ),
      'quota/throttled-clocks': measured(
        '%',
        valuesOf('clocks', ({ throttled }) => throttled * 100),
      ),
    };
    const columns: [string, (run: Run) => number][] = [
      ['until the last call, s', (run) => run.untilLastActivation / 1_000],
      ['÷ (calls ÷ rate)', (run) => 1 / run.share],
      ['until the last event, s', (run) => run.untilLastEvent / 1_000],
      ['÷ (calls ÷ rate)', (run) => run.lastEventToLeast],
      ['calls', (run) => run.calls],
      ['writes of the quota a call', (run) => run.quotaWritesEach],
      ['answered 429, %', (run) => run.throttled * 100],
    ];
    const table: Table = {
      title: `${sizes.flowLogs} flow logs of one account, ${sizes.ratePerSecond} calls a second, ${sizes.workers} workers, Pending 3 to 30 s`,
      columns: ['requested', ...columns.map(([column]) => column)],
      rows: SCENARIOS.map(({ name, what }) => [
        what,
        ...columns.map(([, of]) => withSpread(measured('', valuesOf(name, of)))),
      ]),
    };
    return {
      tables: [table],
      figures,
      notes: [
        'In virtual time, the real handlers and adapters. The last call is the last ActiveFlowLog; after it the last flow logs are Pending for up to 30 s. A write of the quota is a PutItem of its item, refused ones among them. The limit is the token bucket of the fake Volcengine. Two pollers: each message of the poller comes to two containers at once. With a neighbour the calls of both accounts are counted.',
      ],
    };
  },
});

async function run(scenario: Scenario, sizes: QuotaSizes, round: number): Promise<Run> {
  const random = new SeededRandom(round + 1);
  const { ratePerSecond, workers } = sizes;
  const flowLogsOf = (account: string, first: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      account,
      flowLogId: flowLogIdOf(first + index),
      pendingMs: random.integer(sizes.leastPendingMs, sizes.mostPendingMs),
    }));
  const own = flowLogsOf('default', 0, sizes.flowLogs);
  const others = scenario.hasNeighbour ? flowLogsOf('other', sizes.flowLogs, 10) : [];
  const world = startWorld({ flowLogs: [...own, ...others], ratePerSecond, workers, ...scenario.world });
  const intoMinuteMs = random.integer(0, MINUTE_MS);
  await letPollerTick(world, intoMinuteMs);
  const startedAt = world.time.now;
  const each = Math.ceil(own.length / scenario.requests);
  for (let start = 0; start < own.length; start += each) {
    await world.time.runFor(world.request(own.slice(start, start + each).map(({ flowLogId }) => flowLogId)));
  }
  if (others.length > 0)
    await world.time.runFor(
      world.request(
        others.map(({ flowLogId }) => flowLogId),
        'other',
      ),
    );
  const lastAt = await untilCompleted(world, own.length + others.length);
  const calledAt = others.map(
    ({ flowLogId, pendingMs }) => (world.activeAt.get(flowLogId) ?? Number.NaN) - pendingMs,
  );
  const accounts = others.length > 0 ? 2 : 1;
  return {
    ...quotaUseIn(world, { startedAt, lastAt, accounts, ratePerSecond }),
    neighbourMs: Math.max(...calledAt) - startedAt,
  };
}
