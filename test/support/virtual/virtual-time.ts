type ScheduledEvent = { at: number; order: number; run: () => void };

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * The clock and the scheduler in one: the next event runs, and everything that the code under test does in answer to it
 * without I/O runs to its end before the next one. Of the same moment, those set first come first.
 */
export class VirtualTime {
  now = START;
  steps = 0;
  #order = 0;
  #held = 0;
  #release: () => void = () => {};
  /** A binary heap, the next on top: of a million events each costs no more than of a thousand. */
  readonly #heap: ScheduledEvent[] = [];

  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    this.#push({ at: this.now + Math.max(0, Math.round(delayMs)), order: this.#order, run });
  }

  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** False when nothing is left to happen. */
  async step(): Promise<boolean> {
    const next = this.#pop();
    if (next === undefined) return false;
    this.now = Math.max(this.now, next.at);
    this.steps += 1;
    next.run();
    await this.#settle();
    return true;
  }

  /** Steps until `isOver`. Throws when nothing is left to happen. */
  async runUntil(isOver: () => boolean): Promise<void> {
    await this.#settle();
    while (!isOver()) if (!(await this.step())) throw new Error('nothing is left to happen');
  }

  /** Steps until the work is done. Throws what it throws. */
  async runFor<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    await this.runUntil(() => isOver);
    return work;
  }

  /** Waits for real I/O, during which no time passes. */
  async hold<Result>(work: Promise<Result>): Promise<Result> {
    this.#held += 1;
    try {
      return await work;
    } finally {
      this.#held -= 1;
      if (this.#held === 0) this.#release();
    }
  }

  /** So much time passes at once: what was to happen in it happens late. */
  leap(ms: number): void {
    this.now += ms;
  }

  /** `+75.25s`, for traces. */
  get label(): string {
    return `+${((this.now - START) / 1000).toFixed(3)}s`;
  }

  /** How long it has run. */
  get elapsedMs(): number {
    return this.now - START;
  }

  async #settle(): Promise<void> {
    await allPromisesSettled();
    while (this.#held > 0) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      await allPromisesSettled();
    }
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const child = isBefore(heap[right], heap[left]) ? right : left;
      if (!this.#swapIfBefore(child, index)) return top;
      index = child;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const heap = this.#heap;
    const [below, above] = [heap[lower], heap[upper]];
    if (below === undefined || above === undefined || !isBefore(below, above)) return false;
    heap[upper] = below;
    heap[lower] = above;
    return true;
  }
}

function isBefore(a: ScheduledEvent | undefined, b: ScheduledEvent | undefined): boolean {
  if (a === undefined) return false;
  return b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Microtasks all run before the next macrotask, and the code under test awaits nothing but promises. */
function allPromisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
