import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { type Measured, measured } from '../harness/statistics.ts';
import { figure, type Table } from '../harness/table.ts';
import { ORDERS, ScaleRun } from './scale-run.ts';

export const scale = defineBench({
  name: 'scale',
  what: 'many accounts at their own rates: how long it takes, and what limits it',
  sizes: {
    full: { accounts: 100, flowLogs: 100, workers: 2, moreWorkers: 20, ratePerSecond: 4 },
    quick: { accounts: 5, flowLogs: 20, workers: 2, moreWorkers: 4, ratePerSecond: 4 },
  },
  async run({ sizes: { workers, moreWorkers, ...sizes }, say }) {
    const figures: Record<string, Measured> = {};
    const rows: string[][] = [];
    for (const count of [workers, moreWorkers]) {
      for (const order of ORDERS) {
        say(`scale, ${sizes.accounts} accounts, ${count} workers, ${order}`);
        const config = { ...sizes, workers: count, order };
        const run = await runContender(new URL('./contender.ts', import.meta.url), config, ScaleRun);
        const activations = sizes.accounts * sizes.flowLogs;
        const perSecond = (activations * 1_000) / run.virtualMs;
        figures[`scale/${count}/${order}/per-second`] = measured('1/s', [perSecond]);
        rows.push([
          `${count} workers, ${order}`,
          figure(run.virtualMs / 1_000),
          figure(perSecond),
          figure(run.volcengineCalls / activations),
          figure(run.medianWaitTicks),
          figure(run.longestTickMs / 1_000),
          figure(run.mostPending),
        ]);
      }
    }
    const table: Table = {
      title: `${sizes.accounts} accounts of ${sizes.flowLogs} flow logs each, ${sizes.ratePerSecond} calls a second for each account, Pending 3 to 30 s`,
      columns: [
        'jobs',
        'until the last, s',
        'activations a second',
        'calls each',
        'median ticks to the event',
        'longest tick, s',
        'pending at most',
      ],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        'In virtual time, one request for each account. A worker takes ten jobs at a time and is done when the last has its token: ten of one account wait for each other, ten of ten accounts do not.',
      ],
    };
  },
});
