import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { startChild } from '../../local/supervisor/child-process.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { interleave } from '../harness/interleave.ts';
import { SampleSchema } from '../harness/measure.ts';
import { cpuUsPerOperation, measured, ratePerSecond, ratio } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { KEYS } from '../signing/requests.ts';
import { ONCE_A_SECOND } from './stub-item.ts';

const CONTENDERS = ['ours', 'bare'] as const;
type Contender = (typeof CONTENDERS)[number];

const Counts = v.record(v.string(), v.object({ calls: v.number(), bytes: v.number() }));
type Counts = v.InferOutput<typeof Counts>;

export const worker = defineBench({
  name: 'worker',
  what: 'the shipped bundle of the worker with SQS events of 10 records, against the same calls made bare',
  sizes: {
    full: { warmUpMs: 1_500, measureMs: 4_000, latencyMs: 1, records: 10 },
    quick: { warmUpMs: 200, measureMs: 400, latencyMs: 1, records: 10 },
  },
  async run({ rounds, sizes: { warmUpMs, measureMs, latencyMs, records }, say }) {
    const outDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-worker-'));
    const stub = await startChild({
      name: 'stub',
      module: new URL('./stub.ts', import.meta.url),
      config: { latencyMs },
      readySchema: v.object({ host: v.string() }),
      log: ({ message }) => say(`stub: ${message}`),
    });
    try {
      const bundles = await buildBundles(outDir);
      const url = `http://${stub.ready.host}`;
      const counts = new Map<Contender, Counts>();
      const samplesOf = await interleave(CONTENDERS, rounds, async (contender, round) => {
        say(`worker, round ${round + 1}, ${contender}`);
        const durations = { warmUpMs, measureMs };
        const config = { bundle: bundles[contender], records, durations };
        const env = environment(url);
        const sample = await runContender(new URL('./contender.ts', import.meta.url), config, SampleSchema, {
          env,
        });
        counts.set(contender, v.parse(Counts, await (await fetch(`${url}/counts`)).json()));
        return sample;
      });
      const rates = (contender: Contender) => samplesOf(contender).map(ratePerSecond);
      const cpus = (contender: Contender) => samplesOf(contender).map(cpuUsPerOperation);
      const speed: Table = {
        title: `The worker, events of ${records} records, services responding in ${latencyMs} ms`,
        columns: ['handler', 'records/s', 'CPU µs a record'],
        rows: CONTENDERS.map((contender) => [
          contender,
          withSpread(measured('1/s', rates(contender))),
          withSpread(measured('µs', cpus(contender))),
        ]),
      };
      return {
        tables: [speed, callsTable(counts)],
        figures: {
          'worker/rate': ratio(rates('ours'), rates('bare')),
          'worker/cpu': ratio(cpus('ours'), cpus('bare')),
          'worker/cpu-us': measured('µs', cpus('ours')),
          'worker/calls': measured('×', [
            callsARecord(counts.get('ours')) / callsARecord(counts.get('bare')),
          ]),
        },
        notes: [
          'Ours is the bundle that is deployed, logging as deployed (to /dev/null); bare sends the same requests, written out, with the same SDK client, undici and signer, built with the same options. Both handle the records of an event at once and one event after the other. Both read and write the quota once for the records of an event; ours also waits 10 ms for them to ask for their tokens, and looks once a second whether the poller ticks, which is not counted for a record.',
        ],
      };
    } finally {
      await stub.stop();
      await rm(outDir, { recursive: true, force: true });
    }
  },
});

async function buildBundles(outDir: string): Promise<Record<Contender, string>> {
  await buildFunctions({ outDir: join(outDir, 'ours') });
  const functionsDir = fileURLToPath(new URL('./functions', import.meta.url));
  await buildFunctions({ functionsDir, outDir: join(outDir, 'bare') });
  return {
    ours: join(outDir, 'ours/activate-flow-log/index.mjs'),
    bare: join(outDir, 'bare/bare/index.mjs'),
  };
}

/** As deployed, but that nobody is kept waiting for a rate token. */
function environment(url: string): NodeJS.ProcessEnv {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SQS: url,
    ACTIVATIONS_TABLE: 'activations',
    ACTIVATION_QUEUE_URL: `${url}/000000000000/activation`,
    POLL_QUEUE_URL: `${url}/000000000000/poll`,
    POISON_QUEUE_URL: `${url}/000000000000/poison`,
    VOLCENGINE_ENDPOINT: url,
    VOLCENGINE_ACCESS_KEY: KEYS.accessKeyId,
    VOLCENGINE_SECRET_KEY: KEYS.secretAccessKey,
    RATE_LIMIT_PER_SECOND: '100000',
    POWERTOOLS_SERVICE_NAME: 'flow-log-activator-bench',
    POWERTOOLS_METRICS_NAMESPACE: 'flow-log-activator',
  };
}

/** Every record costs one call of Volcengine, so those count the records, warm-up included. */
function recordsOf(counts: Counts | undefined): number {
  return counts?.['Volcengine ActiveFlowLog']?.calls ?? Number.NaN;
}

function callsARecord(counts: Counts | undefined): number {
  const ofRecords = Object.entries(counts ?? {}).filter(([kind]) => kind !== ONCE_A_SECOND);
  const calls = ofRecords.reduce((sum, [, { calls }]) => sum + calls, 0);
  return calls / recordsOf(counts);
}

function callsTable(counts: ReadonlyMap<Contender, Counts>): Table {
  const kinds = [...new Set([...counts.values()].flatMap((known) => Object.keys(known)))].sort();
  return {
    title: 'Calls a record, and bytes a call, as the services counted them in the last round',
    columns: ['call', ...CONTENDERS.flatMap((contender) => [contender, 'bytes'])],
    rows: kinds.map((kind) => [
      kind,
      ...CONTENDERS.flatMap((contender) => {
        const { calls = 0, bytes = 0 } = counts.get(contender)?.[kind] ?? {};
        return [figure(calls / recordsOf(counts.get(contender))), figure(bytes / calls)];
      }),
    ]),
  };
}
