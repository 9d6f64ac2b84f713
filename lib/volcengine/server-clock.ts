import type { Clock } from '../activation/model/ports.ts';
import { parseHttpDate } from '../http/http-date.ts';

/** A Date header that differs by more than this comes from a broken server, not from a drifting clock. */
const MAX_OFFSET_MS = 7 * 24 * 3_600_000;

type ServerClock = {
  /** Our clock plus the last correction, in milliseconds since the epoch. */
  now(): number;
  /** Sets the correction from the Date header of a reply. Returns false and changes nothing if the header is unusable. */
  learn(dateHeader: string | undefined): boolean;
};

/** Volcengine's time as far as we know it: our own clock, until a reply shows that it is wrong. */
export function createServerClock(clock: Clock): ServerClock {
  let offsetMs = 0;
  return {
    now: () => clock() + offsetMs,
    learn(dateHeader) {
      const serverTimeMs = parseHttpDate(dateHeader);
      if (serverTimeMs === undefined) return false;
      const learnedMs = serverTimeMs - clock();
      if (Math.abs(learnedMs) > MAX_OFFSET_MS) return false;
      offsetMs = learnedMs;
      return true;
    },
  };
}
