import { answersAfter, SPOILERS } from '../../test/support/fakes/receiver-spoilers.ts';
import { openReceiver, type Respond } from '../../test/support/fakes/recording-receiver.ts';
import { CONTAINERS, TIMEOUT_MS, timesToHealthy, WAVES } from '../../test/support/fakes/webhook-senders.ts';
import { defineBench } from '../harness/bench.ts';
import { interleave } from '../harness/interleave.ts';
import { type Measured, measured, quantile } from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';

const copies = (respond: Respond | undefined, count: number) => Array.from({ length: count }, () => respond);
const answersLate = answersAfter(9_000);

/** What is beside the healthy receiver: one, with events that come steadily, or several, with waves of them. */
const BESIDE = {
  well: copies(undefined, 1),
  withholds: copies(SPOILERS['answers 200 and withholds its body'], 1),
  hangs: copies(SPOILERS.hangs, 1),
  '5 answer after 9 s': copies(answersLate, 5),
  '6 hang': copies(SPOILERS.hangs, 6),
  '18 mixed': [
    ...copies(SPOILERS.hangs, 6),
    ...copies(SPOILERS['sends a header every while'], 5),
    ...copies(answersLate, 5),
    ...copies(SPOILERS.fails, 2),
  ],
};
const CONTENDERS = ['well', 'withholds', 'hangs', '5 answer after 9 s', '6 hang', '18 mixed'] as const;

export const isolation = defineBench({
  name: 'isolation',
  what: 'from the bus to a healthy webhook receiver, beside others that are well, slow, or hang',
  sizes: { full: { events: 200, waves: 6 }, quick: { events: 20, waves: 1 } },
  async run({ rounds, sizes: { events, waves }, say }) {
    const timesOf = await interleave(CONTENDERS, rounds, (contender, round) => {
      say(`isolation, round ${round + 1}, ${contender}`);
      return measureBeside(BESIDE[contender], events, waves);
    });
    const figures: Record<string, Measured> = {};
    const rows = CONTENDERS.map((contender) => {
      const of = (share: number) =>
        measured(
          'ms',
          timesOf(contender).map((times) => quantile(times, share)),
        );
      const [p50, p99] = [of(0.5), of(0.99)];
      figures[`isolation/${contender}/p50`] = p50;
      figures[`isolation/${contender}/p99`] = p99;
      return [contender, withSpread(p50), withSpread(p99)];
    });
    const table: Table = {
      title: 'From the bus to a healthy receiver, in ms',
      columns: ['beside it', 'p50', 'p99'],
      rows,
    };
    return {
      tables: [table],
      figures,
      notes: [
        `Beside it is one that answers 204 (well), answers 200 and withholds its body (withholds), or does not answer (hangs), with ${events} events, 50 a second, and ${TIMEOUT_MS / 1_000} s for an attempt; or several, with ${waves} waves of ${WAVES.atOnce} events, one every ${WAVES.everyMs / 1_000} s, and ${WAVES.timeoutMs / 1_000} s for an attempt. 18 mixed: 6 hang, 5 send a header every while and never the last, 5 answer after 9 s, 2 answer 500.`,
        `Through the bus and the queue of the local world to ${CONTAINERS} containers in this process, in batches of 10. The containers are cold at the first event.`,
      ],
    };
  },
});

async function measureBeside(
  beside: (Respond | undefined)[],
  events: number,
  waves: number,
): Promise<number[]> {
  const healthy = await openReceiver();
  const others = await Promise.all(beside.map((respond) => openReceiver(respond)));
  try {
    const receivers = {
      ...Object.fromEntries(others.map((other, index) => [`other-${index}`, other])),
      healthy,
    };
    return others.length === 1
      ? await timesToHealthy(events, receivers)
      : await timesToHealthy(waves * WAVES.atOnce, receivers, WAVES);
  } finally {
    await Promise.all([healthy, ...others].map((receiver) => receiver.close()));
  }
}
