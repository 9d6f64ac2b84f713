import type { Clock, Random } from '../../activation/model/ports.ts';

/**
 * What an attempt says of its endpoint. `timed-out`: it was waited for in vain, which costs others their time; `unknown`: no
 * attempt was made.
 */
export type HealthSignal =
  | { kind: 'up' | 'timed-out' | 'unknown' }
  | { kind: 'down'; retryAfterMs?: number | undefined };

/**
 * If admitted, call `release` exactly once, with how long the attempt took, and ask `goesOn` after the quick timeout whether
 * to wait longer. Otherwise ask again after `waitMs`.
 */
export type Admission =
  | { admitted: true; goesOn(): boolean; release(signal: HealthSignal, tookMs: number): void }
  | { admitted: false; waitMs: number };

export type EndpointCircuitBreaker = {
  /** Waits for a place while the endpoint is up; refuses at once while it is down or rests. */
  acquire(): Promise<Admission>;
};

/** Kept by the gates: the endpoints that hold their container up, and how many attempts are under way. */
export type ContainerLoad = { readonly slow: Set<EndpointCircuitBreaker>; underWay: number };

export type EndpointCircuitBreakerOptions = {
  /** Attempts at once. */
  places: number;
  /** An attempt that takes so long holds up what else its container has to do. */
  slowMs: number;
  /** What an attempt may take, and what it may take while others wait too. */
  timeoutMs: number;
  quickTimeoutMs: number;
  /** The same for all gates of a container. */
  load: ContainerLoad;
  /** So many failures in a row, and the endpoint is down. Once hung is enough. */
  failuresUntilDown: number;
  /** How long at least it is then left alone; twice as long after each probe that fails, up to the cap. */
  pauseMs: number;
  pauseCapMs: number;
  now: Clock;
  random: Random;
};

/** A pause is between once and so many times its length, so that containers do not probe at once. */
const SPREAD = 5;

/**
 * One endpoint's gate in one container: few attempts at once, and a circuit breaker. While the endpoint is down nobody
 * waits for it but one probe after each pause; the first success opens the circuitBreaker. A Retry-After closes it for that long.
 * A slow failure is worth as many as it takes.
 *
 * All slow endpoints of a container together get a quarter of its time, half of it at most: after a slow attempt an
 * endpoint rests for one to five times as long as the next may take, once for each endpoint that is slow meanwhile. An
 * endpoint that is not known to be slow has the whole timeout if it is the only slow one, else the quick one: so a
 * container that is new finds out many in a moment. One that hangs is waited for briefly and long in turns: it may come
 * back well, or slow.
 */
export function createEndpointCircuitBreaker(options: EndpointCircuitBreakerOptions): EndpointCircuitBreaker {
  const { places, slowMs, timeoutMs, quickTimeoutMs, load } = options;
  const { slow } = load;
  const { failuresUntilDown, pauseMs, pauseCapMs, now, random } = options;
  const waiting: (() => void)[] = [];
  let taken = 0;
  let failures = 0;
  let nextPauseMs = pauseMs;
  let isPatient = true;
  let rest = { from: 0, ms: 0 };
  let down: { until: number; isProbed: boolean } | undefined;

  const spread = (ms: number) => ms * (1 + random() * (SPREAD - 1));

  const restFor = (nextMs: number) => {
    slow.add(circuitBreaker);
    rest = { from: now(), ms: spread(nextMs) };
  };

  const noteSuccess = (tookMs: number) => {
    failures = 0;
    nextPauseMs = pauseMs;
    isPatient = true;
    down = undefined;
    if (tookMs < slowMs) slow.delete(circuitBreaker);
    else restFor(tookMs);
  };

  const noteFailure = (isProbe: boolean, signal: Exclude<HealthSignal, { kind: 'up' }>, tookMs: number) => {
    const hasTimedOut = signal.kind === 'timed-out';
    const retryAfterMs = signal.kind === 'down' ? signal.retryAfterMs : undefined;
    const isSlow = hasTimedOut || tookMs >= slowMs;
    failures += 1;
    const isNews = isProbe || (!down && (isSlow || failures >= failuresUntilDown));
    if (!isNews && retryAfterMs === undefined) return;
    const jitteredMs = isNews ? spread(nextPauseMs) : 0;
    if (isNews) {
      nextPauseMs = Math.min(nextPauseMs * 2, pauseCapMs);
      isPatient = !hasTimedOut || tookMs < (quickTimeoutMs + timeoutMs) / 2;
      if (!isSlow) slow.delete(circuitBreaker);
      else if (hasTimedOut) restFor(isPatient ? timeoutMs : quickTimeoutMs);
      else restFor(tookMs);
    }
    const until = now() + Math.max(jitteredMs, retryAfterMs ?? 0);
    down = { until: Math.max(until, down?.until ?? 0), isProbed: !isProbe && down?.isProbed === true };
  };

  const pass = (isProbe: boolean): Admission => {
    taken += 1;
    load.underWay += 1;
    return {
      admitted: true,
      goesOn: () => (slow.has(circuitBreaker) ? isPatient : slow.size === 0 && load.underWay === taken),
      release(signal, tookMs) {
        taken -= 1;
        load.underWay -= 1;
        if (signal.kind === 'up') noteSuccess(tookMs);
        else if (signal.kind !== 'unknown') noteFailure(isProbe, signal, tookMs);
        else if (isProbe && down) down.isProbed = false;
        // Each looks again whether there is a place for it, or none at all.
        for (const wake of waiting.splice(0)) wake();
      },
    };
  };

  const circuitBreaker: EndpointCircuitBreaker = {
    async acquire() {
      for (;;) {
        const restMs = slow.has(circuitBreaker) ? rest.from + rest.ms * slow.size - now() : 0;
        const pausedMs = (down?.until ?? 0) - now();
        if (pausedMs > 0) return { admitted: false, waitMs: pausedMs };
        // Not for the whole of a long rest: another container may be ready earlier.
        if (restMs > 0) return { admitted: false, waitMs: Math.min(restMs, spread(pauseMs)) };
        if (down?.isProbed) return { admitted: false, waitMs: spread(pauseMs) };
        if (down) {
          down.isProbed = true;
          return pass(true);
        }
        if (taken < places) return pass(false);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
  return circuitBreaker;
}
