import type { Clock } from '../activation/model/ports.ts';
import { parseHttpDate } from '../http/http-date.ts';

/** A Date header further off than this is a broken server, not a clock that drifted. */
const MAX_OFFSET_MS = 7 * 24 * 3_600_000;

type ServerClock = {
  /** Our clock, corrected by what was last learned; milliseconds since the epoch. */
  now(): number;
  /** Sets the correction by an answer's Date header. False, and nothing changed, if the header is unusable. */
  learn(dateHeader: string | undefined): boolean;
};

/** Volcengine's time, as far as we know it: our own clock until an answer shows that it is off. */
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
