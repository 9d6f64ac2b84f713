import * as v from 'valibot';
import { startChild } from '../../local/supervisor/child-process.ts';
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
import { CLIENTS, type ClientName } from './callers.ts';

type Setting = { latencyMs: number; concurrency: number };
type Durations = { warmUpMs: number; warmUpCalls: number; measureMs: number };

export const client = defineBench({
  name: 'client',
  what: 'a signed ActiveFlowLog: CPU and rate of our client, the official ones, and bare undici',
  sizes: {
    full: {
      warmUpMs: 1_000,
      warmUpCalls: 2_000,
      measureMs: 2_000,
      latencyMs: 20,
      fewAtOnce: 10,
      manyAtOnce: 50,
    },
    quick: { warmUpMs: 100, warmUpCalls: 0, measureMs: 300, latencyMs: 20, fewAtOnce: 10, manyAtOnce: 50 },
  },
  async run({ rounds, sizes: { latencyMs: slowMs, fewAtOnce, manyAtOnce, ...durations }, say }) {
    const tables: Table[] = [];
    const figures: Record<string, Measured> = {};
    for (const latencyMs of [0, slowMs]) {
      for (const concurrency of [fewAtOnce, manyAtOnce]) {
        const setting = { latencyMs, concurrency };
        say(`client, ${concurrency} at once, latency ${latencyMs} ms`);
        const samplesOf = await measureClients(setting, rounds, durations);
        tables.push(tableOf(setting, samplesOf));
        Object.assign(figures, figuresOf(setting, samplesOf));
      }
    }
    return {
      tables,
      figures,
      notes: [
        'CPU is of the client process alone; the server is another process, and responds without an HTTP stack. Each client has as many connections as calls at once, kept alive. Limit: Pool.request of undici, unsigned, the path made beforehand, the same response parsed by JSON.parse.',
      ],
    };
  },
});

/** A new process for each client and round, one server for all. */
export async function measureClients(
  { latencyMs, concurrency }: Setting,
  rounds: number,
  durations: Durations,
  contenders: readonly ClientName[] = CLIENTS,
): Promise<(contender: ClientName) => Sample[]> {
  const server = await startChild({
    name: 'server',
    module: new URL('./server.ts', import.meta.url),
    config: { latencyMs },
    readySchema: v.object({ host: v.string() }),
    log: () => {},
  });
  const { host } = server.ready;
  try {
    return await interleave(contenders, rounds, (contender) =>
      runContender(
        new URL('./contender.ts', import.meta.url),
        { contender, host, concurrency, durations },
        SampleSchema,
      ),
    );
  } finally {
    await server.stop();
  }
}

function figuresOf(
  { latencyMs, concurrency }: Setting,
  samplesOf: (contender: ClientName) => Sample[],
): Record<string, Measured> {
  const name = `${latencyMs}ms/${concurrency}`;
  const cpu = (contender: ClientName) => samplesOf(contender).map(cpuUsPerOperation);
  const rate = (contender: ClientName) => samplesOf(contender).map(ratePerSecond);
  return {
    [`client/cpu/limit/${name}`]: ratio(cpu('ours'), cpu('limit')),
    [`client/rate/limit/${name}`]: ratio(rate('ours'), rate('limit')),
    [`client/rate/sdk-core/${name}`]: ratio(rate('ours'), rate('sdk-core')),
    [`client/rate/openapi/${name}`]: ratio(rate('ours'), rate('openapi')),
  };
}

function tableOf({ latencyMs, concurrency }: Setting, samplesOf: (contender: ClientName) => Sample[]): Table {
  const rates = (contender: ClientName) => samplesOf(contender).map(ratePerSecond);
  const cpus = (contender: ClientName) => samplesOf(contender).map(cpuUsPerOperation);
  return {
    title: `ActiveFlowLog, ${concurrency} at once, server latency ${latencyMs === 0 ? 'near zero' : `${latencyMs} ms`}`,
    columns: ['client', 'calls/s', '× limit', 'CPU µs each', '× limit'],
    rows: CLIENTS.map((contender) => [
      contender,
      withSpread(measured('1/s', rates(contender))),
      withSpread(ratio(rates(contender), rates('limit'))),
      withSpread(measured('µs', cpus(contender))),
      withSpread(ratio(cpus(contender), cpus('limit'))),
    ]),
  };
}
