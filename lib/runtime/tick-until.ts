export type TickOptions = {
  tickMs: number;
  /** Kept back at the end of the invocation, for the last call of a tick and its writes. */
  reserveMs: number;
  /** The invocation's time that is left. */
  remainingMs: () => number;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
  log: { error(message: string, fields?: Record<string, unknown>): void };
  /** Does what is due, ending by `stopAt`. */
  tick: (stopAt: number) => Promise<'go on' | 'stop'>;
};

/** No tick is begun with less than a tick and this left. */
const MARGIN_MS = 1_000;

/**
 * Ticks every `tickMs` from start to start; none is begun with less than a tick and a second left. A tick that
 * throws is logged and the next one tried; the error is thrown in the end if the last tick failed.
 */
export async function tickUntil(options: TickOptions): Promise<void> {
  const { tickMs, reserveMs, remainingMs, now, sleep, log, tick } = options;
  let failure: { error: unknown } | undefined;
  do {
    const startedAt = now();
    failure = undefined;
    try {
      if ((await tick(startedAt + remainingMs() - reserveMs)) === 'stop') return;
    } catch (error) {
      failure = { error };
      log.error('a tick failed', { error });
    }
    const pauseMs = startedAt + tickMs - now();
    if (remainingMs() - Math.max(0, pauseMs) < tickMs + MARGIN_MS) break;
    if (pauseMs > 0) await sleep(pauseMs);
  } while (remainingMs() >= tickMs + MARGIN_MS);
  if (failure) throw failure.error;
}
