type ScheduledEvent = { at: number; order: number; run: () => void };

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * The clock and the scheduler in one: the next happening runs, and everything that the code under test does in
 * answer to it without I/O runs to its end before the next one. Of the same moment, those set first come first.
 */
export class VirtualTime {
  now = START;
  steps = 0;
  #order = 0;
  /** Latest first. */
  readonly #scheduledEvents: ScheduledEvent[] = [];

  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    const scheduledEvent = { at: this.now + Math.max(0, Math.round(delayMs)), order: this.#order, run };
    let low = 0;
    let high = this.#scheduledEvents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#scheduledEvents[middle];
      if (other && isBefore(scheduledEvent, other)) low = middle + 1;
      else high = middle;
    }
    this.#scheduledEvents.splice(low, 0, scheduledEvent);
  }

  /** False when nothing is left to happen. */
  async step(): Promise<boolean> {
    const scheduledEvent = this.#scheduledEvents.pop();
    if (scheduledEvent === undefined) return false;
    this.now = Math.max(this.now, scheduledEvent.at);
    this.steps += 1;
    scheduledEvent.run();
    await allPromisesSettled();
    return true;
  }

  /** So much time passes at once: what was to happen in it happens late. */
  leap(ms: number): void {
    this.now += ms;
  }

  /** `+75.25s`, for traces. */
  get label(): string {
    return `+${((this.now - START) / 1000).toFixed(3)}s`;
  }

  /** How long the schedule has run. */
  get elapsedMs(): number {
    return this.now - START;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Microtasks all run before the next macrotask, and the code under test awaits nothing but promises. */
function allPromisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
