import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** An input that keeps the thread busy for so long, as a regular expression can, ends the run. */
const STUCK_MS = 120_000;
const LOOK_EVERY_MS = 1_000;

export type Watchdog = {
  beginInput(surface: string, index: number): void;
  rest(): void;
  stop(): Promise<void>;
};

/** A thread of its own, for a thread that is stuck can tell of nothing; it says which input it was, and ends the process. */
export function startWatchdog(seed: number): Watchdog {
  const shared = new SharedArrayBuffer(16);
  const view = new Float64Array(shared);
  const worker = new Worker(new URL(import.meta.url), { workerData: { shared, seed } });
  let surfaceNow = '';
  return {
    beginInput(surface, index) {
      if (surface !== surfaceNow) {
        surfaceNow = surface;
        worker.postMessage(surface);
      }
      view[0] = index;
      view[1] = Date.now();
    },
    rest() {
      view[1] = 0;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

if (!isMainThread && parentPort && workerData?.shared instanceof SharedArrayBuffer) {
  const view = new Float64Array(workerData.shared);
  let surface = '';
  parentPort.on('message', (name) => {
    surface = String(name);
  });
  setInterval(() => {
    const [index = 0, beganAt = 0] = view;
    if (beganAt === 0 || Date.now() - beganAt < STUCK_MS) return;
    writeSync(
      2,
      `stuck: node test/fuzz/fuzz.ts --surface '${surface}' --seed ${workerData.seed} --from ${index} --inputs 1\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS);
}
