import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildFunctions } from '../../scripts/build.ts';
import { defineBench } from '../harness/bench.ts';
import { measured } from '../harness/statistics.ts';
import { figure } from '../harness/table.ts';

const BUDGET_URL = new URL('../../scripts/bundle-budget.json', import.meta.url);

/** The budget of those that do not call out; any more has undici in it, and all clients. */
const WITHOUT_CALLS = 500_000;

export const bundles = defineBench({
  name: 'bundles',
  what: 'the size of each bundle, against its budget',
  sizes: { full: {}, quick: {} },
  async run() {
    const budget = v.parse(v.record(v.string(), v.number()), JSON.parse(await readFile(BUDGET_URL, 'utf8')));
    const outDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-bundles-'));
    try {
      const built = await buildFunctions({ outDir });
      const sized = built.map(({ name, bytes }) => {
        const limit = budget[name];
        if (limit === undefined) throw new Error(`${name} has no budget`);
        return { name, bytes, limit };
      });
      const largest = (ofThese: typeof sized) =>
        measured('kB', [Math.max(...ofThese.map(({ bytes }) => bytes)) / 1_000]);
      return {
        tables: [
          {
            title: 'Bundles, minified',
            columns: ['function', 'kB', 'budget, kB'],
            rows: sized.map(({ name, bytes, limit }) => [name, figure(bytes / 1_000), figure(limit / 1_000)]),
          },
        ],
        figures: {
          'bundles/calling': largest(sized.filter(({ limit }) => limit > WITHOUT_CALLS)),
          'bundles/others': largest(sized.filter(({ limit }) => limit <= WITHOUT_CALLS)),
        },
        notes: ['1 kB is 1,000 bytes; source maps are not deployed. The budget is a test of its own.'],
      };
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  },
});
