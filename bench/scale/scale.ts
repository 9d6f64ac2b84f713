import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { type Measured, measured } from '../harness/statistics.ts';
import { figure, type Table } from '../harness/table.ts';
import { ORDERS, ScaleRun } from './scale-run.ts';

const ORDER_NAMES = { 'first-in': 'as sent', any: 'mixed' };

export const scale = defineBench({
  name: 'scale',
  what: 'many accounts at their own rates: how much of their quotas they use, and how long it takes',
  sizes: {
    full: {
      accounts: 100,
      flowLogs: 100,
      moreFlowLogs: 300,
      workers: 2,
      moreWorkers: 8,
      mostWorkers: 20,
      ratePerSecond: 4,
    },
    quick: {
      accounts: 5,
      flowLogs: 10,
      moreFlowLogs: 20,
      workers: 2,
      moreWorkers: 3,
      mostWorkers: 4,
      ratePerSecond: 4,
    },
  },
  async run({ sizes, say }) {
    const { accounts, ratePerSecond } = sizes;
    const figures: Record<string, Measured> = {};
    const rows: string[][] = [];
    for (const flowLogs of [sizes.flowLogs, sizes.moreFlowLogs]) {
      for (const workers of [sizes.workers, sizes.moreWorkers, sizes.mostWorkers]) {
        const runs = [];
        for (const order of ORDERS) {
          say(`scale, ${accounts} accounts of ${flowLogs}, ${workers} workers, ${ORDER_NAMES[order]}`);
          const config = { accounts, flowLogs, ratePerSecond, workers, order };
          const run = await runContender(new URL('./contender.ts', import.meta.url), config, ScaleRun);
          runs.push(run);
          rows.push(
            rowOf(`${flowLogs}, ${workers} workers, ${ORDER_NAMES[order]}`, accounts * flowLogs, run),
          );
        }
        const name = `scale/${flowLogs}/${workers}`;
        figures[`${name}/share`] = measured('of the quota', [Math.min(...runs.map(({ share }) => share))]);
        const perSecond = (run: ScaleRun) => (accounts * flowLogs * 1_000) / run.untilLastActivation;
        figures[`${name}/per-second`] = measured('1/s', [Math.min(...runs.map(perSecond))]);
      }
    }
    const table: Table = {
      title: `${accounts} accounts, ${ratePerSecond} calls a second for each account, Pending 3 to 30 s`,
      columns: [
        'flow logs of each, workers, jobs',
        'of the quota',
        'activations a second',
        'until the last call, s',
        'until the last event, s',
        'calls each',
        'SQS requests each',
        'median to the event, s',
        'longest tick, s',
        'pending at most',
      ],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        'In virtual time, one request for each account, all at once. The share of the quota and the activations a second are of the time while jobs wait: from the first request to the last ActiveFlowLog. The figures are the lower of both orders: the jobs as they were sent, and mixed. Time of processors is not in it.',
      ],
    };
  },
});

function rowOf(name: string, activations: number, run: ScaleRun): string[] {
  const cells = [
    run.share,
    (activations * 1_000) / run.untilLastActivation,
    run.untilLastActivation / 1_000,
    run.untilLastEvent / 1_000,
    run.calls / activations,
    run.sqsRequests / activations,
    run.medianWait,
    run.longestTickMs / 1_000,
    run.mostPending,
  ];
  return [name, ...cells.map(figure)];
}
