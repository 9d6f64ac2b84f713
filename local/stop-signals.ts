/** What a shell makes of a program that a signal has ended. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

const PARENT_LOOK_MS = 250;

/**
 * Calls back for Ctrl-C and SIGTERM, and with SIGTERM when npm, which has started this process, is gone: a signal to
 * npm alone ends the shell between npm and us, and nobody tells us.
 */
export function onStopSignal(stop: (signal: 'SIGINT' | 'SIGTERM') => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  if (!process.env.npm_lifecycle_event) return;
  const parentPid = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(watch);
    stop('SIGTERM');
  }, PARENT_LOOK_MS);
  watch.unref();
}
