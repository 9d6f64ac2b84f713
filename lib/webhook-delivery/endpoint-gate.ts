import type { Clock, Random } from '../activation/ports.ts';

/**
 * What an attempt says of its endpoint. `hung`: it was waited for in vain, which costs others their time; `unknown`: no
 * attempt was made.
 */
export type Sign = { kind: 'up' | 'hung' | 'unknown' } | { kind: 'down'; retryAfterMs?: number | undefined };

/** If admitted, call `leave` exactly once, with how long the attempt took. Otherwise ask again after `waitMs`. */
export type Admission =
  | { admitted: true; leave(sign: Sign, tookMs: number): void }
  | { admitted: false; waitMs: number };

export type EndpointGate = {
  /** Waits for a place while the endpoint is up; refuses at once while it is down. */
  enter(): Promise<Admission>;
};

export type EndpointGateOptions = {
  /** Attempts at once. */
  places: number;
  /** An attempt that takes so long holds up what else its container has to do. */
  slowMs: number;
  /** So many failures in a row, and the endpoint is down. Once hung is enough. */
  failuresUntilDown: number;
  /** How long at least it is then left alone; twice as long after each probe that fails, up to the cap. */
  pauseMs: number;
  pauseCapMs: number;
  now: Clock;
  random: Random;
};

/** A pause is between once and so many times its length. A probe of a hanging endpoint keeps its container busy: so wide a spread that all are hardly ever busy at once. */
const SPREAD = 5;

/**
 * One endpoint's gate in one container: few attempts at once, and a circuit breaker. While the endpoint is down nobody
 * waits for it but one probe after each pause; the first success opens the gate. A Retry-After closes it for that long.
 * A slow failure is worth as many as it takes. After a slow success the endpoint rests for one to five times as long as
 * that took: a slow receiver gets a part of the container's time, however much there is for it, and never all.
 */
export function createEndpointGate(options: EndpointGateOptions): EndpointGate {
  const { places, slowMs, failuresUntilDown, pauseMs, pauseCapMs, now, random } = options;
  const waiting: (() => void)[] = [];
  let taken = 0;
  let failures = 0;
  let nextPauseMs = pauseMs;
  let restsUntil = 0;
  let down: { until: number; isProbed: boolean } | undefined;

  const spread = (ms: number) => ms * (1 + random() * (SPREAD - 1));

  const goUp = () => {
    failures = 0;
    nextPauseMs = pauseMs;
    down = undefined;
  };

  const noteFailure = (isProbe: boolean, hasHung: boolean, retryAfterMs: number | undefined) => {
    failures += 1;
    const isNews = isProbe || (!down && (hasHung || failures >= failuresUntilDown));
    if (!isNews && retryAfterMs === undefined) return;
    const jitteredMs = isNews ? spread(nextPauseMs) : 0;
    if (isNews) nextPauseMs = Math.min(nextPauseMs * 2, pauseCapMs);
    const until = now() + Math.max(jitteredMs, retryAfterMs ?? 0);
    down = { until: Math.max(until, down?.until ?? 0), isProbed: !isProbe && down?.isProbed === true };
  };

  const pass = (isProbe: boolean): Admission => {
    taken += 1;
    return {
      admitted: true,
      leave(sign, tookMs) {
        taken -= 1;
        const isSlow = tookMs >= slowMs;
        if (sign.kind === 'up') {
          goUp();
          if (isSlow) restsUntil = Math.max(restsUntil, now() + spread(tookMs));
        } else if (sign.kind === 'hung') noteFailure(isProbe, true, undefined);
        else if (sign.kind === 'down') noteFailure(isProbe, isSlow, sign.retryAfterMs);
        else if (isProbe && down) down.isProbed = false;
        // Each looks again whether there is a place for it, or none at all.
        for (const wake of waiting.splice(0)) wake();
      },
    };
  };

  return {
    async enter() {
      for (;;) {
        if (down) {
          if (down.isProbed) return { admitted: false, waitMs: pauseMs };
          const waitMs = down.until - now();
          if (waitMs > 0) return { admitted: false, waitMs };
          down.isProbed = true;
          return pass(true);
        }
        const restMs = restsUntil - now();
        if (restMs > 0) return { admitted: false, waitMs: restMs };
        if (taken < places) return pass(false);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
