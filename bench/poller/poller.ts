import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { startChild } from '../../local/supervisor/child-process.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { defineBench } from '../harness/bench.ts';
import { runContender } from '../harness/contender.ts';
import { measured, median } from '../harness/statistics.ts';
import { type Table, withSpread } from '../harness/table.ts';
import { memoryMbOf, POLLER } from '../money/bill.ts';
import { readPriceList } from '../money/price-list.ts';
import { KEYS } from '../signing/requests.ts';

const Cost = v.object({ activationUs: v.array(v.number()), emptyTickUs: v.number() });
const SECOND_US = 1_000_000;
/** All are to be described within a tick. */
const TICK_MS = 2_500;

export const poller = defineBench({
  name: 'poller',
  what: 'the processor time of the shipped bundle of the poller, and how many activations it can end',
  sizes: {
    full: { pending: 300, looks: 4, warmUp: 2, repeats: 2, emptyTicks: 200 },
    quick: { pending: 50, looks: 2, warmUp: 1, repeats: 1, emptyTicks: 10 },
  },
  async run({ rounds, sizes, say }) {
    const outDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-poller-'));
    const stub = await startChild({
      name: 'stub',
      module: new URL('./stub.ts', import.meta.url),
      config: {},
      readySchema: v.object({ host: v.string() }),
      log: ({ message }) => say(`stub: ${message}`),
    });
    try {
      await buildFunctions({ outDir });
      const url = `http://${stub.ready.host}`;
      const config = { ...sizes, url, pauseMs: TICK_MS, bundle: join(outDir, 'poll-activations/index.mjs') };
      const costs: v.InferOutput<typeof Cost>[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        say(`poller, round ${round}`);
        const env = environment(url);
        costs.push(await runContender(new URL('./contender.ts', import.meta.url), config, Cost, { env }));
      }
      const activationUs = costs.map((cost) => median(cost.activationUs));
      const { assumptions } = await readPriceList();
      const memoryMb = memoryMbOf(POLLER);
      const part = memoryMb / assumptions.memoryMbOfOneProcessor;
      const figures = {
        'poller/cpu-us': measured('µs', activationUs),
        'poller/empty-tick-us': measured(
          'µs',
          costs.map(({ emptyTickUs }) => emptyTickUs),
        ),
        'poller/per-second': measured(
          '1/s',
          activationUs.map((us) => (part * SECOND_US) / us),
        ),
      };
      const table: Table = {
        title: `The poller, ${sizes.pending} pending, each seen Pending ${sizes.looks - 1} times and then Active`,
        columns: ['what', 'measured'],
        rows: [
          ['CPU µs an activation', withSpread(figures['poller/cpu-us'])],
          ['CPU µs of a tick that finds nothing', withSpread(figures['poller/empty-tick-us'])],
          [`activations a second with ${memoryMb} MB`, withSpread(figures['poller/per-second'])],
        ],
      };
      return {
        tables: [table],
        figures,
        notes: [
          `The bundle that is deployed, logging as deployed, with the SDK over HTTP: reads in the index and of items, two events and two writes for each activation. ${memoryMb} MB have ${part.toFixed(2)} of a processor, and a Lambda processor is assumed to be as fast as this one.`,
        ],
      };
    } finally {
      await stub.stop();
      await rm(outDir, { recursive: true, force: true });
    }
  },
});

/** As deployed, but that nobody waits for a token. */
function environment(url: string): NodeJS.ProcessEnv {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: url,
    ACTIVATIONS_TABLE: 'activations',
    ACTIVATION_QUEUE_URL: `${url}/000000000000/activation`,
    POLL_QUEUE_URL: `${url}/000000000000/poll`,
    DEAD_LETTER_QUEUE_URL: `${url}/000000000000/dead-letters`,
    EVENT_BUS_NAME: 'bench',
    VOLCENGINE_ENDPOINT: url,
    VOLCENGINE_ACCESS_KEY: KEYS.accessKeyId,
    VOLCENGINE_SECRET_KEY: KEYS.secretAccessKey,
    RATE_LIMIT_PER_SECOND: '100000',
    POLL_TICK_MS: String(TICK_MS),
    POWERTOOLS_SERVICE_NAME: 'flow-log-activator-bench',
    POWERTOOLS_METRICS_NAMESPACE: 'flow-log-activator',
  };
}
