import { rmSync } from 'node:fs';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The exit codes that a shell shows for a program that was ended by a signal. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const PARENT_LOOK_MS = 250;

/**
 * Calls `stop` for Ctrl-C, SIGTERM and a closed terminal. Also calls it with SIGTERM when npm, the parent, has ended: a
 * signal to npm alone ends the shell between npm and this process, but does not reach this process.
 */
export function onStopSignal(stop: (signal: StopSignal) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  if (!process.env.npm_lifecycle_event) return;
  const parentPid = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(watch);
    stop('SIGTERM');
  }, PARENT_LOOK_MS);
  watch.unref();
}

/**
 * Ends this process at once, and with it the local world that it has started or is starting. Then removes the
 * directory that the world has written to.
 */
export function endInterrupted(signal: StopSignal, dataDir: string | undefined): never {
  // The last to be called, after those that end the processes of the world.
  if (dataDir !== undefined) {
    process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 20 }));
  }
  console.log('\nInterrupted: what was started has ended, and nothing is left of it.');
  process.exit(SIGNAL_EXIT_CODES[signal]);
}
