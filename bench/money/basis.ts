import { poller } from '../poller/poller.ts';
import { worker } from '../worker/worker.ts';
import { type Basis, readPriceList } from './price-list.ts';

/** Prices, and the processor time of the shipped bundles: the benches of the worker and of the poller, in short. */
export async function measureBasis(
  rounds: number,
  workerMs: number,
  say: (text: string) => void,
): Promise<Basis> {
  const ofWorker = await worker.run({
    rounds,
    quick: false,
    sizes: { warmUpMs: workerMs, measureMs: workerMs },
    say,
  });
  const ofPoller = await poller.run({ rounds: 1, quick: false, sizes: { warmUp: 1, repeats: 1 }, say });
  const figures = { ...ofWorker.figures, ...ofPoller.figures };
  const msOf = (name: string) => (figures[name]?.median ?? Number.NaN) / 1_000;
  return {
    ...(await readPriceList()),
    cpuMs: msOf('worker/cpu-us'),
    pollerCpuMs: msOf('poller/cpu-us'),
    tickCpuMs: msOf('poller/empty-tick-us'),
  };
}
