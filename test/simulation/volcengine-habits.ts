import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Habits } from '../support/virtual/simulated-flow-log.ts';

/** A schedule draws one plausible behaviour of each kind. */
export function drawHabits(random: SeededRandom, longestLagMs: number): Habits {
  return {
    unknownId: random.pick(['left out', 'left out', 'not found', 'malformed']),
    emptyList: random.pick(['list', 'null', 'absent']),
    lagMs: random.pick([0, 0, Math.min(8_000, longestLagMs), longestLagMs]),
    restoringMs: random.pick([0, 40_000]),
  };
}
