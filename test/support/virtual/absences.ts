import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Faults } from './faults.ts';
import type { Habits } from './simulated-flow-log.ts';
import type { VirtualTime } from './virtual-time.ts';

/** `isCalm`: nothing goes wrong but absences. */
export type AbsenceFaults = Faults<'volcengine: absent from one answer'> & { readonly isCalm: boolean };

/** After so long even a reader that had no answer in between has forgotten the last time. */
const AGAIN_AFTER_MS = 900_000;
const SHARE_OF_ANSWERS = 0.7;
/** From an answer to what follows from it in the table. */
const TAKEN_IN_MS = 5_000;

/** The times in which some replica does not know a flow log that exists: never longer than the longest lag. */
export class Absences {
  readonly #habits: Habits;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: AbsenceFaults;
  #endsAt = Number.NEGATIVE_INFINITY;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(habits: Habits, time: VirtualTime, random: SeededRandom, faults: AbsenceFaults) {
    this.#habits = habits;
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
  }

  isLeftOut(): boolean {
    if (this.#time.now < this.#endsAt) return this.#faults.isOn && this.#random.chance(SHARE_OF_ANSWERS);
    return this.#faults.strike('volcengine: absent from one answer') && this.begin();
  }

  shownToPoller(): void {
    this.#shownAt = this.#time.now;
  }

  /** False when it is too soon after the last time. */
  begin(): boolean {
    const { now } = this.#time;
    // Where nothing else goes wrong, who was shown it in between has taken that in.
    const isTakenIn =
      this.#faults.isCalm && this.#shownAt > this.#endsAt && now > this.#shownAt + TAKEN_IN_MS;
    if (now < this.#endsAt + AGAIN_AFTER_MS && !isTakenIn) return now < this.#endsAt;
    this.#endsAt = now + this.#random.integer(0, this.#habits.lagMs);
    return true;
  }
}
