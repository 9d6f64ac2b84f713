import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import type { Violate } from './rules.ts';

/** Volcengine's burst: 10 calls at 4 a second. */
const VOLCENGINE_BURST_MS = 2_500;
/** What this deployment makes of it while all clocks are right. */
const OWN_BURST_MS = 1_250;
/** From a token to the request: the write of the quota and that of the lease, each sent again, and the credentials. */
const WAYS_AFTER_A_TOKEN = 10;

type Options = {
  time: VirtualTime;
  violate: Violate;
  ratePerSecond: number;
  /** Of any container, from the true time. */
  clocksOffMs: number;
  /** One way between a container and a service. */
  slowestMs: number;
};

/**
 * Over every period the calls of an account are at most the rate for that time and a burst: Volcengine's own while clocks
 * are right, and another of the same size while they are two seconds off. A call counts when it is sent. When it arrives is
 * no promise: a call that is slow on its way comes together with later ones, and nobody here can know. A token also waits
 * for the writes of the quota and of the lease, and for credentials. Their usual time is allowed for; a schedule in which
 * they can be slow is not held to this rule.
 */
export class QuotaWatch {
  readonly #options: Options;
  readonly #burst: number;
  /** A bucket for each account, that leaks at the rate. */
  readonly #levels = new Map<string, { level: number; at: number }>();

  constructor(options: Options) {
    this.#options = options;
    const { ratePerSecond, clocksOffMs, slowestMs } = options;
    const burstMs = Math.max(VOLCENGINE_BURST_MS, OWN_BURST_MS + 2 * clocksOffMs);
    this.#burst = Math.max(1, (ratePerSecond * (burstMs + WAYS_AFTER_A_TOKEN * slowestMs)) / 1_000);
  }

  sent(account: string): void {
    const { time, violate, ratePerSecond } = this.#options;
    const { level, at } = this.#levels.get(account) ?? { level: 0, at: time.now };
    const left = Math.max(0, level - ((time.now - at) * ratePerSecond) / 1_000);
    this.#levels.set(account, { level: left + 1, at: time.now });
    if (left + 1 <= this.#burst) return;
    violate(
      'an account is called no faster than its quota',
      `${account}: ${(left + 1).toFixed(1)} at once, at most ${this.#burst.toFixed(1)}`,
    );
  }
}
