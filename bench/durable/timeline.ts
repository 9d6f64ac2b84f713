type Sleeper = { at: number; wake: () => void };

/** Virtual time of executions that run at once: it passes when all of them sleep. Their I/O takes none. */
export class Timeline {
  #now = Date.UTC(2026, 0, 2, 3, 4, 5);
  #awake = 0;
  readonly #sleepers = new Set<Sleeper>();

  now = (): number => this.#now;

  enter(): void {
    this.#awake += 1;
  }

  sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#sleepers.add({ at: this.#now + ms, wake });
      this.leave();
    });

  leave(): void {
    this.#awake -= 1;
    if (this.#awake > 0 || this.#sleepers.size === 0) return;
    const next = [...this.#sleepers].reduce((first, other) => (other.at < first.at ? other : first));
    this.#sleepers.delete(next);
    this.#now = next.at;
    this.enter();
    next.wake();
  }
}
