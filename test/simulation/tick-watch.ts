import type { Container } from '../support/virtual/container.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import type { Violate } from './rules.ts';

const MINUTE_MS = 60_000;
/** A tick a second, and some where a plan was lost and whoever came next ticked in its stead. */
const TICKS_A_MINUTE = 70;
/** The schedule once a minute, when a planned tick counts as late, and their ways. */
const LONGEST_GAP_MS = 75_000;
/** From a write to the tick that it plans, beside the pause until one that is planned already. */
const WOKEN_WITHIN_MS = 5_000;
const CHECKED_EVERY_MS = 5_000;
/** What is due so long before a tick is found by it. */
const SEEN_BEFORE_MS = 5_000;

type Options = {
  time: VirtualTime;
  violate: Violate;
  tickMs: number;
  clocksOffMs: number;
  /** Whether something in the table has been due since then. */
  isDueSince: (at: number) => boolean;
};

/** A tick while it runs. */
type Tick = { container: Container; name: string };

/** Sees each tick that really runs: neither too many nor too few (docs/adr/0011). */
export class TickWatch {
  readonly #options: Options;
  #running: Tick[] = [];
  #begunAt: number[] = [];
  #lastAt: number;
  /** From when on nothing goes wrong. */
  #saneSince = Number.POSITIVE_INFINITY;

  constructor(options: Options) {
    this.#options = options;
    this.#lastAt = options.time.now;
  }

  /** One that begins while another runs is a message that came twice at the same moment. */
  began(container: Container): void {
    const { time, violate } = this.#options;
    const isAlone = !this.#isRunning();
    this.#running.push({ container, name: container.name });
    this.#lastAt = time.now;
    if (!isAlone) return;
    this.#begunAt = [...this.#begunAt.filter((at) => at > time.now - MINUTE_MS), time.now];
    if (this.#begunAt.length > TICKS_A_MINUTE) {
      violate('ticks do not multiply', `${this.#begunAt.length} within a minute`);
    }
  }

  #isRunning(): boolean {
    this.#running = this.#running.filter(
      ({ container, name }) => container.isAlive && container.isBusy && container.name === name,
    );
    return this.#running.length > 0;
  }

  /** Nothing goes wrong from now on. */
  faultsEnd(): void {
    const { time, tickMs, clocksOffMs, violate, isDueSince } = this.#options;
    // A tick that finds something plans the next one.
    const nextWithinMs = tickMs + WOKEN_WITHIN_MS + CHECKED_EVERY_MS;
    this.#saneSince = time.now;
    const longestMs = LONGEST_GAP_MS + 2 * clocksOffMs;
    const check = () => {
      time.after(CHECKED_EVERY_MS, check);
      if (this.#isRunning()) this.#lastAt = time.now;
      const since = time.now - longestMs;
      if (since < this.#saneSince) return;
      const seenBefore = this.#lastAt - SEEN_BEFORE_MS - 2 * clocksOffMs;
      const isForgotten = time.now - this.#lastAt > nextWithinMs && isDueSince(seenBefore);
      const isLate = this.#lastAt <= since && isDueSince(since);
      if (!isForgotten && !isLate) return;
      violate('a tick follows what is due', `none for ${(time.now - this.#lastAt) / 1_000} s`);
      this.#lastAt = time.now;
    };
    time.after(CHECKED_EVERY_MS, check);
  }

  /** Containers are killed, perhaps in the middle of a tick: what it would have planned is lost. */
  redeployed(): void {
    const { time } = this.#options;
    if (this.#saneSince < time.now) this.#saneSince = time.now;
  }

  /** A write has made something due: it wakes the poller, if no tick is planned. */
  becameDue(what: string): void {
    const { time, tickMs, clocksOffMs, violate } = this.#options;
    const settledMs = LONGEST_GAP_MS + 2 * clocksOffMs;
    if (time.now < this.#saneSince + settledMs) return;
    const writtenAt = time.now;
    const check = () => {
      if (this.#lastAt >= writtenAt || this.#saneSince > writtenAt) return;
      if (this.#isRunning()) time.after(WOKEN_WITHIN_MS + tickMs, check);
      else violate('a tick follows what is due', `none after ${what}`);
    };
    time.after(WOKEN_WITHIN_MS + tickMs, check);
  }

  /** Once nothing is due any more, and the schedule has ended what was planned: nobody else ticks. */
  async mustSleep(invokeSchedule: () => Promise<unknown>): Promise<void> {
    const { time, violate } = this.#options;
    for (let minute = 0; minute < 3; minute += 1) {
      await invokeSchedule();
      await time.sleep(MINUTE_MS);
    }
    const asleepAt = time.now;
    await time.sleep(2 * MINUTE_MS);
    if (this.#lastAt > asleepAt) {
      violate('the poller sleeps while nothing is due', `a tick ${this.#lastAt - asleepAt} ms later`);
    }
  }
}
