import type { SeededRandom } from '../support/fakes/seeded-random.ts';

/** What Volcengine's pages leave open: a schedule draws one plausible behaviour of each kind. */
export type Habits = {
  /** What DescribeFlowLogs makes of an id that it does not know: leaves it out, or refuses the whole call. */
  unknownId: 'left out' | 'not found' | 'malformed';
  emptyList: 'list' | 'null' | 'absent';
  /** A replica that answers may be so far behind. */
  lagMs: number;
  /** For so long after its payment a flow log shows LockReason `unlock`, and cannot be activated. */
  restoringMs: number;
};

export function drawHabits(random: SeededRandom, longestLagMs: number): Habits {
  return {
    unknownId: random.pick(['left out', 'left out', 'not found', 'malformed']),
    emptyList: random.pick(['list', 'null', 'absent']),
    lagMs: random.pick([0, 0, Math.min(8_000, longestLagMs), longestLagMs]),
    restoringMs: random.pick([0, 40_000]),
  };
}
