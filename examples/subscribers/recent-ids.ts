/**
 * The latest ids that this process has handled. It filters most repeats, because they arrive soon after each other. It
 * does not filter all: another process, or this one after a restart, does not know the ids. If something must happen
 * only once, write it with the id as its key, in one conditional write.
 */
export class RecentIds {
  readonly #limit: number;
  readonly #ids = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Call it after the event was handled, not before: an event that failed must be handled when it comes again. */
  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > this.#limit && oldest !== undefined) this.#ids.delete(oldest);
  }
}
