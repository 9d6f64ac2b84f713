import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, buildFunctions } from '../../scripts/build.ts';
import { CACHE_DIR } from '../../scripts/osls.ts';
import { defineBench } from '../harness/bench.ts';
import { interleave } from '../harness/interleave.ts';
import { type Measured, measured, ratio } from '../harness/statistics.ts';
import { figure, type Table, withSpread } from '../harness/table.ts';
import { buildClientBundles } from './client-bundles.ts';
import { type ColdStart, startProcess } from './start-process.ts';

/** `cached`: the same bundle with Node's compile cache filled beforehand. */
const CONTENDERS = ['empty', 'clients', 'ours', 'cached'] as const;
type Contender = (typeof CONTENDERS)[number];
type StartsOf = (contender: Contender) => ColdStart[];

export const coldStart = defineBench({
  name: 'cold-start',
  what: 'each bundle in a fresh process, against an empty module and a bundle of the same clients',
  sizes: { full: { startsARound: 4 }, quick: { startsARound: 1 } },
  async run({ rounds, sizes: { startsARound }, say }) {
    // Inside the project, where the packages that the sources name are found.
    const dir = join(CACHE_DIR, `bench-cold-start-${process.pid}`);
    try {
      const { functions, clients, empty } = await buildAll(dir);
      const measurements: { bundle: Bundle; clients: Bundle; startsOf: StartsOf }[] = [];
      for (const [index, bundle] of functions.entries()) {
        const sameClients = clients[index];
        if (sameClients?.name !== bundle.name) throw new Error(`${bundle.name} has no bundle of its clients`);
        say(`cold start of ${bundle.name}`);
        const cache = { NODE_COMPILE_CACHE: join(dir, 'compile-cache', bundle.name) };
        await startProcess(bundle.path, cache);
        const modules = { empty, clients: sameClients.path, ours: bundle.path, cached: bundle.path };
        const startsOf = await interleave(CONTENDERS, rounds * startsARound, (contender) =>
          startProcess(modules[contender], contender === 'cached' ? cache : {}),
        );
        measurements.push({ bundle, clients: sameClients, startsOf });
      }
      const all = measurements.map(({ startsOf }) => figuresOf(startsOf));
      return {
        tables: measurements.map(({ bundle, clients, startsOf }) => tableOf(bundle, clients, startsOf)),
        figures: {
          'cold-start/whole': worst(all.map(({ whole }) => whole)),
          'cold-start/import': worst(all.map(({ imported }) => imported)),
          'cold-start/cpu': worst(all.map(({ cpu }) => cpu)),
          'cold-start/compile-cache': worst(all.map(({ cached }) => cached)),
        },
        notes: [
          'The figures of the targets are those of the function that does worst. `clients` has the same SDK clients and commands, and undici, as the function’s own source map names them. `cached` is the function with the compile cache of Node filled beforehand: what it would gain if the cache were deployed with it.',
        ],
      };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
});

async function buildAll(dir: string) {
  const functions = await buildFunctions({ outDir: join(dir, 'functions') });
  const clients = await buildClientBundles(functions, join(dir, 'sources'), join(dir, 'clients'));
  const empty = join(dir, 'empty.mjs');
  await mkdir(dir, { recursive: true });
  await writeFile(empty, 'export const handler = async () => {};\n');
  return { functions, clients, empty };
}

function figuresOf(startsOf: StartsOf) {
  const whole = (contender: Contender) => startsOf(contender).map(({ wholeMs }) => wholeMs);
  const imported = (contender: Contender) => startsOf(contender).map(({ importMs }) => importMs);
  const cpu = (contender: Contender) => startsOf(contender).map(({ cpuMs }) => cpuMs);
  return {
    whole: ratio(whole('ours'), whole('clients')),
    imported: ratio(imported('ours'), imported('clients')),
    cpu: ratio(cpu('ours'), cpu('clients')),
    cached: ratio(imported('cached'), imported('ours')),
  };
}

function worst(all: Measured[]): Measured {
  const [first = measured('×', []), ...others] = all;
  return others.reduce((most, one) => (one.median > most.median ? one : most), first);
}

function tableOf(bundle: Bundle, clients: Bundle, startsOf: StartsOf): Table {
  const { whole, imported, cpu } = figuresOf(startsOf);
  const kilobytes: Record<Contender, number> = {
    empty: 0,
    clients: clients.bytes / 1_000,
    ours: bundle.bytes / 1_000,
    cached: bundle.bytes / 1_000,
  };
  const row = (contender: Contender) => {
    const starts = startsOf(contender);
    const ms = (of: (start: ColdStart) => number) => withSpread(measured('ms', starts.map(of)));
    return [
      contender,
      figure(kilobytes[contender]),
      ms(({ wholeMs }) => wholeMs),
      ms(({ cpuMs }) => cpuMs),
      ms(({ importMs }) => importMs),
    ];
  };
  return {
    title: `${bundle.name} in a fresh process`,
    columns: ['module', 'kB', 'whole ms', 'CPU ms', 'import ms'],
    rows: [
      ...CONTENDERS.map(row),
      [
        'ours ÷ clients',
        figure(bundle.bytes / clients.bytes),
        withSpread(whole),
        withSpread(cpu),
        withSpread(imported),
      ],
    ],
  };
}
