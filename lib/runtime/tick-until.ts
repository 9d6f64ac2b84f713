export type TickOptions = {
  tickMs: number;
  /** The time reserved at the end of the invocation, for the last call of a tick and its writes. */
  reserveMs: number;
  /** The time left in the invocation. */
  remainingMs: () => number;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
  log: { error(message: string, fields?: Record<string, unknown>): void };
  /** Does what is due and ends by `stopAt`. */
  tick: (stopAt: number) => Promise<'go on' | 'stop'>;
};

/** A tick starts only if at least `tickMs` plus this time is left. */
const MARGIN_MS = 1_000;

/**
 * Starts a tick every `tickMs`, as long as `tickMs` and a second are left. It logs a tick that throws and goes on with
 * the next one. It throws the error at the end if the last tick failed.
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
