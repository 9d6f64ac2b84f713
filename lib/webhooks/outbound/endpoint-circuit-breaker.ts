import type { Clock, Random } from '../../activation/model/ports.ts';

/**
 * The result of an attempt for the health of its endpoint. `timed-out`: the endpoint did not respond in time, which also
 * cost other endpoints time. `unknown`: no attempt was made.
 */
export type HealthSignal =
  | { kind: 'up' | 'timed-out' | 'unknown' }
  | { kind: 'down'; retryAfterMs?: number | undefined };

/**
 * If admitted, make the attempt and call `release` exactly once, with its duration. After the quick timeout, `goesOn`
 * says whether to wait longer. If not admitted, retry after `waitMs`.
 */
export type Admission =
  | { admitted: true; goesOn(): boolean; release(signal: HealthSignal, tookMs: number): void }
  | { admitted: false; waitMs: number };

export type EndpointCircuitBreaker = {
  /** Waits for a free slot while the endpoint is up. Refuses at once while it is down or resting. */
  acquire(): Promise<Admission>;
};

/** Shared by the circuit breakers of a container: its slow endpoints, and the number of running attempts. */
export type ContainerLoad = { readonly slow: Set<EndpointCircuitBreaker>; underWay: number };

export type EndpointCircuitBreakerOptions = {
  /** The maximum number of concurrent attempts. */
  maxConcurrent: number;
  /** An attempt of this duration is slow: it delays the other work of its container. */
  slowMs: number;
  /** The time limit of an attempt, and the time limit while other attempts also run. */
  timeoutMs: number;
  quickTimeoutMs: number;
  /** The same object for all circuit breakers of a container. */
  load: ContainerLoad;
  /** After this many failures in a row the endpoint is down. A single slow failure is enough. */
  failuresUntilDown: number;
  /** The minimum pause while it is down. Doubles after each failed probe, up to the cap. */
  pauseMs: number;
  pauseCapMs: number;
  now: Clock;
  random: Random;
};

/** A pause is multiplied by a random factor from 1 to this, so that containers do not probe at the same time. */
const SPREAD = 5;

/**
 * The circuit breaker of one endpoint in one container. It also limits the concurrent attempts. After
 * `failuresUntilDown` failures in a row, or one slow failure, the endpoint is down: only one probe is made after each
 * pause. The first success ends this. A Retry-After has the same effect, for at least that long.
 *
 * All slow endpoints of a container together get a quarter of its time, at most half. After a slow attempt an endpoint
 * rests: one to five times as long as the next attempt may take, multiplied by the number of slow endpoints.
 * An endpoint that is not known to be slow gets the whole timeout only if no other endpoint is slow and no other has an
 * attempt running; otherwise it gets the quick timeout. So a new container finds many slow endpoints in a short time.
 * The attempts at an endpoint that times out get the quick and the whole timeout in turns: it may recover, or respond
 * slowly.
 */
export function createEndpointCircuitBreaker(options: EndpointCircuitBreakerOptions): EndpointCircuitBreaker {
  const { maxConcurrent, slowMs, timeoutMs, quickTimeoutMs, load } = options;
  const { slow } = load;
  const { failuresUntilDown, pauseMs, pauseCapMs, now, random } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
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

  const admit = (isProbe: boolean): Admission => {
    running += 1;
    load.underWay += 1;
    return {
      admitted: true,
      goesOn: () => (slow.has(circuitBreaker) ? isPatient : slow.size === 0 && load.underWay === running),
      release(signal, tookMs) {
        running -= 1;
        load.underWay -= 1;
        if (signal.kind === 'up') noteSuccess(tookMs);
        else if (signal.kind !== 'unknown') noteFailure(isProbe, signal, tookMs);
        else if (isProbe && down) down.isProbed = false;
        // Each of them checks again whether it is admitted.
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
        // Less than a long rest: another container may be ready earlier.
        if (restMs > 0) return { admitted: false, waitMs: Math.min(restMs, spread(pauseMs)) };
        if (down?.isProbed) return { admitted: false, waitMs: spread(pauseMs) };
        if (down) {
          down.isProbed = true;
          return admit(true);
        }
        if (running < maxConcurrent) return admit(false);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
  return circuitBreaker;
}
