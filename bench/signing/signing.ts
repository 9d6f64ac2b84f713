import * as v from 'valibot';
import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { interleave } from '../harness/interleave.ts';
import { SampleSchema } from '../harness/measure.ts';
import {
  cpuUsPerOperation,
  type Measured,
  measured,
  ratePerSecond,
  ratio,
  type Sample,
} from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';
import { ACTIONS, type Action, SIGNERS } from './requests.ts';

type Signer = (typeof SIGNERS)[number];
type SigningSizes = { warmUpMs: number; measureMs: number; callsASecond: number };

const Result = v.object({ sample: SampleSchema, authorization: v.string() });

export const signing = defineBench({
  name: 'signing',
  what: 'signing alone: CPU and rate of our signer and of the two official ones',
  sizes: {
    full: { warmUpMs: 500, measureMs: 1_500, callsASecond: 10 },
    quick: { warmUpMs: 100, measureMs: 200, callsASecond: 10 },
  },
  async run({ rounds, sizes, say }) {
    const tables: Table[] = [];
    const figures: Record<string, Measured> = {};
    for (const action of ACTIONS) {
      say(`signing ${action}`);
      const samplesOf = await measureSigning(action, rounds, sizes);
      tables.push(tableOf(action, samplesOf));
      Object.assign(figures, signingFigures(action, samplesOf));
    }
    return {
      tables,
      figures,
      notes: [
        `Each signer in a new process; all three gave the same signature. Time moves on by a second every ${sizes.callsASecond} calls: ours formats the time anew each second and derives a key each day, the others with every call.`,
      ],
    };
  },
});

/** Throws when the signatures differ. */
export async function measureSigning(action: Action, rounds: number, sizes: SigningSizes) {
  const { warmUpMs, measureMs, callsASecond } = sizes;
  const config = { action, callsASecond, durations: { warmUpMs, measureMs } };
  const resultsOf = await interleave(SIGNERS, rounds, (contender) =>
    runContender(new URL('./contender.ts', import.meta.url), { contender, ...config }, Result),
  );
  const signatures = SIGNERS.flatMap(resultsOf).map(({ authorization }) => authorization);
  if (new Set(signatures).size !== 1) {
    throw new Error(`the signers do not agree on ${action}: ${[...new Set(signatures)].join(' | ')}`);
  }
  return (contender: Signer) => resultsOf(contender).map(({ sample }) => sample);
}

/** How many times our CPU the others take. */
export function signingFigures(
  action: Action,
  samplesOf: (contender: Signer) => Sample[],
): Record<string, Measured> {
  const cpus = (contender: Signer) => samplesOf(contender).map(cpuUsPerOperation);
  return {
    [`signing/${action}/sdk-core`]: ratio(cpus('sdk-core'), cpus('ours')),
    [`signing/${action}/openapi`]: ratio(cpus('openapi'), cpus('ours')),
  };
}

function tableOf(action: Action, samplesOf: (contender: Signer) => Sample[]): Table {
  const cpus = (contender: Signer) => samplesOf(contender).map(cpuUsPerOperation);
  return {
    title: `Signing ${action}${action === 'DescribeFlowLogs' ? ' of 100 ids' : ''}`,
    columns: ['signer', 'signatures/s', 'CPU µs each', '× our CPU'],
    rows: SIGNERS.map((contender) => [
      contender,
      withSpread(measured('1/s', samplesOf(contender).map(ratePerSecond))),
      withSpread(measured('µs', cpus(contender))),
      withSpread(ratio(cpus(contender), cpus('ours'))),
    ]),
  };
}
