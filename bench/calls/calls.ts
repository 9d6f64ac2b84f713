import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { pollerDepsOf } from '../../test/support/virtual/container-deps.ts';
import { defineBench } from '../harness/bench.ts';
import { interleave } from '../harness/interleave.ts';
import { type Measured, measured } from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { activateAll, type FlowLog, letPollerTick, startWorld } from '../virtual/environment.ts';
import { runLoop, type Waits } from './terraform-loop.ts';

const LIFTED = 100_000;
const MINUTE_MS = 60_000;

const SCENARIOS = [
  { name: 'lifted', what: 'rate limit lifted', status: 'Inactive' },
  { name: 'limited', what: '4 calls a second', status: 'Inactive' },
  { name: 'active', what: 'all were Active already', status: 'Active' },
] as const;
type Scenario = (typeof SCENARIOS)[number];

const CONTENDERS = ['ours', 'provider', 'every-second'] as const;
type Contender = (typeof CONTENDERS)[number];

/** Of one run: calls by action as the log of the fake has them, and how long it took by the virtual clock. */
type Run = { activations: number; calls: ReadonlyMap<string, number>; tookMs: number };

const FULL = { flowLogs: 1_000, leastPendingMs: 3_000, mostPendingMs: 30_000, ratePerSecond: 4 };

export const calls = defineBench({
  name: 'calls',
  what: 'calls of Volcengine for each activation, against a loop as the Terraform provider does it',
  sizes: {
    full: FULL,
    quick: { ...FULL, flowLogs: 100 },
  },
  async run({ rounds, sizes, say }) {
    const tables: Table[] = [];
    const figures: Record<string, Measured> = {};
    for (const scenario of SCENARIOS) {
      const runsOf = await interleave(CONTENDERS, rounds, (contender, round) => {
        say(`calls, ${scenario.what}, round ${round + 1}, ${contender}`);
        return run(contender, scenario, sizes, round);
      });
      tables.push(tableOf(scenario, sizes.flowLogs, runsOf));
      for (const contender of CONTENDERS) {
        figures[`calls/${scenario.name}/${contender}`] = measured('calls', runsOf(contender).map(callsEach));
      }
    }
    return {
      tables,
      figures,
      notes: [
        'Counted at the simulated Volcengine. Ours: the real handlers, use cases and adapters, in virtual time (DynamoDB, SQS and EventBridge answer in 5 ms, Volcengine in 50 ms); the round draws how far the poller is into its minute when the request comes. `provider`: the steps and waits of volcengine_flow_log_active, ten at once as is Terraform’s default, each with a read before and after; it waits 1, 2, 4, 8, 10 … s. `every-second`: the same with a read each second.',
      ],
    };
  },
});

type CallsSizes = {
  flowLogs: number;
  leastPendingMs: number;
  mostPendingMs: number;
  ratePerSecond: number;
};

/** The same flow logs for every contender of a round. */
function run(
  contender: Contender,
  { name, status }: Scenario,
  sizes: CallsSizes,
  round: number,
): Promise<Run> {
  const random = new SeededRandom(round + 1);
  const flowLogs = Array.from({ length: sizes.flowLogs }, (_, index) => ({
    flowLogId: flowLogIdOf(index),
    pendingMs: random.integer(sizes.leastPendingMs, sizes.mostPendingMs),
    status,
  }));
  const ratePerSecond = name === 'limited' ? sizes.ratePerSecond : LIFTED;
  if (contender !== 'ours') return runTheirs(flowLogs, ratePerSecond, contender);
  return runOurs(flowLogs, ratePerSecond, random.integer(0, MINUTE_MS));
}

/** Of the first round, without the loops, which take most of the bench's time. */
export async function ourCalls(): Promise<Record<string, Measured>> {
  const figures: Record<string, Measured> = {};
  for (const scenario of SCENARIOS) {
    figures[`calls/${scenario.name}/ours`] = measured('calls', [
      callsEach(await run('ours', scenario, FULL, 0)),
    ]);
  }
  return figures;
}

async function runOurs(flowLogs: FlowLog[], ratePerSecond: number, intoMinuteMs: number): Promise<Run> {
  const world = startWorld({ flowLogs, ratePerSecond });
  const ids = flowLogs.map(({ flowLogId }) => flowLogId);
  await letPollerTick(world, intoMinuteMs);
  const tookMs = await activateAll(world, ids);
  return { activations: flowLogs.length, calls: world.counts.volcengine.requests, tookMs };
}

async function runTheirs(flowLogs: FlowLog[], ratePerSecond: number, waits: Waits): Promise<Run> {
  const { time, counts, outside } = startWorld({ flowLogs, ratePerSecond });
  const ids = flowLogs.map(({ flowLogId }) => flowLogId);
  const deps = { ...pollerDepsOf(outside()), sleep: time.sleep };
  await time.runFor(runLoop(deps, waits, ids));
  return { activations: ids.length, calls: counts.volcengine.requests, tookMs: time.elapsedMs };
}

function callsEach({ activations, calls }: Run): number {
  return [...calls.values()].reduce((sum, count) => sum + count, 0) / activations;
}

function tableOf({ what }: Scenario, flowLogs: number, runsOf: (contender: Contender) => Run[]): Table {
  const each = (contender: Contender, action: string) =>
    withSpread(
      measured(
        'calls',
        runsOf(contender).map((run) => (run.calls.get(action) ?? 0) / run.activations),
      ),
    );
  return {
    title: `Calls of Volcengine for each of ${flowLogs} activations, ${what}`,
    columns: ['contender', 'all', 'ActiveFlowLog', 'DescribeFlowLogs', 'until the last is done, s'],
    rows: CONTENDERS.map((contender) => [
      contender,
      withSpread(measured('calls', runsOf(contender).map(callsEach))),
      each(contender, 'ActiveFlowLog'),
      each(contender, 'DescribeFlowLogs'),
      withSpread(
        measured(
          's',
          runsOf(contender).map(({ tookMs }) => tookMs / 1_000),
        ),
      ),
    ]),
  };
}
