import { SPOILERS } from '../../test/fakes/receiver-spoilers.ts';
import { openReceiver } from '../../test/fakes/recording-receiver.ts';
import { CONTAINERS, TIMEOUT_MS, timesToHealthy } from '../../test/fakes/webhook-senders.ts';
import { defineBench } from '../harness/bench.ts';
import { interleave } from '../harness/interleave.ts';
import { type Measured, measured, quantile } from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';

/** What the receiver beside the healthy one does. */
const BESIDE = {
  well: undefined,
  withholds: SPOILERS['answers 200 and withholds its body'],
  hangs: SPOILERS.hangs,
};
const SIDES = ['well', 'withholds', 'hangs'] as const;

export const isolation = defineBench({
  name: 'isolation',
  what: 'from the bus to a healthy webhook receiver, beside one that is well, withholds its body, or hangs',
  sizes: { full: { events: 200 }, quick: { events: 20 } },
  async run({ rounds, sizes: { events }, say }) {
    const timesOf = await interleave(SIDES, rounds, (side, round) => {
      say(`isolation, round ${round + 1}, ${side}`);
      return measureBeside(side, events);
    });
    const figures: Record<string, Measured> = {};
    const rows = SIDES.map((side) => {
      const of = (share: number) =>
        measured(
          'ms',
          timesOf(side).map((times) => quantile(times, share)),
        );
      const [p50, p99] = [of(0.5), of(0.99)];
      figures[`isolation/${side}/p50`] = p50;
      figures[`isolation/${side}/p99`] = p99;
      return [side, withSpread(p50), withSpread(p99)];
    });
    const table: Table = {
      title: `From the bus to a healthy receiver, ${events} events, in ms`,
      columns: ['the one beside it', 'p50', 'p99'],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        `The one beside it answers 204 (well), answers 200 and withholds its body (withholds), or does not answer (hangs). 50 events a second through the bus and the queue of the local world to ${CONTAINERS} containers in this process, in batches of 10; an attempt may take ${TIMEOUT_MS / 1_000} s.`,
      ],
    };
  },
});

async function measureBeside(side: keyof typeof BESIDE, events: number): Promise<number[]> {
  const [other, healthy] = [await openReceiver(BESIDE[side]), await openReceiver()];
  try {
    return await timesToHealthy(events, { other, healthy });
  } finally {
    await Promise.all([other.close(), healthy.close()]);
  }
}
