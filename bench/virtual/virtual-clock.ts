type Happening = { at: number; order: number; run: () => void };

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * Time that passes only when nothing is left to do in the present. Real I/O is held on to: the clock stands still
 * until it has been answered, however long that takes.
 */
export class VirtualClock {
  #now = START;
  #order = 0;
  #held = 0;
  #release: () => void = () => {};
  /** A binary heap, the next on top: a million happenings cost no more each than a thousand. */
  readonly #heap: Happening[] = [];

  now = (): number => this.#now;

  get elapsedMs(): number {
    return this.#now - START;
  }

  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    this.#push({ at: this.#now + Math.max(0, delayMs), order: this.#order, run });
  }

  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Waits for real I/O, in which no time passes. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#held += 1;
    try {
      return await work();
    } finally {
      this.#held -= 1;
      if (this.#held === 0) this.#release();
    }
  }

  /** Lets time pass until `isOver`, which is asked whenever all is done for the moment. Throws when nothing is left. */
  async runUntil(isOver: () => boolean): Promise<void> {
    await this.#settle();
    while (!isOver()) {
      const next = this.#pop();
      if (next === undefined) throw new Error('nothing is left to happen');
      this.#now = next.at;
      next.run();
      while (this.#heap[0]?.at === this.#now) this.#pop()?.run();
      await this.#settle();
    }
  }

  /** Lets time pass until the work is done; throws what it throws. */
  async runFor<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    await this.runUntil(() => isOver);
    return work;
  }

  async #settle(): Promise<void> {
    await nextTurn();
    while (this.#held > 0) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      await nextTurn();
    }
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let index = heap.push(happening) - 1;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #pop(): Happening | undefined {
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

function isBefore(a: Happening | undefined, b: Happening | undefined): boolean {
  if (a === undefined) return false;
  return b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Every promise that can settle without I/O has. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
