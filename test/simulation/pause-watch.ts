import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import type { Violate } from './rules.ts';

/** A token that was granted, or not used, just before a pause: it waits a second at most, then the lease is written. */
const LAST_CALLS_MS = 5_000;

/** Nothing is called for a paused account, but by who had a token before. */
export class PauseWatch {
  readonly #options: { time: VirtualTime; violate: Violate };
  readonly #pausedAt = new Map<string, number>();

  constructor(options: { time: VirtualTime; violate: Violate }) {
    this.#options = options;
  }

  /** Once it was answered. */
  paused(account: string): void {
    this.#pausedAt.set(account, this.#options.time.now);
  }

  /** As soon as it is asked for. */
  resumed(account: string): void {
    this.#pausedAt.delete(account);
  }

  sent(account: string): void {
    const { time, violate } = this.#options;
    const pausedAt = this.#pausedAt.get(account) ?? Number.POSITIVE_INFINITY;
    if (time.now > pausedAt + LAST_CALLS_MS)
      violate('a paused account is not called', `${account}, ${time.now - pausedAt} ms after its pause`);
  }
}
