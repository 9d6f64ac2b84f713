/**
 * The latest ids that this process has handled. It saves most repeats, as they come soon after each other, and no
 * more: another process, or this one after a restart, knows nothing of them. What must happen once only is written
 * with the id as its key, in one step that refuses a second one.
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

  /** To be called once the event is handled, not before: one that failed must be handled when it comes again. */
  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > this.#limit && oldest !== undefined) this.#ids.delete(oldest);
  }
}
