import type { Clock } from '../activation/model/ports.ts';
import { AssumeRoleFailed } from './assume-role-failed.ts';
import type { Credentials } from './credentials.ts';
import type { TemporaryCredentials } from './temporary-credentials.ts';

/** New credentials are requested when this share of the lifetime is left (6 minutes of an hour). */
const RENEW_SHARE = 0.1;
/** Old credentials are not used when this share is left (36 s of an hour): a call signed with them must arrive in time. */
const GIVE_UP_SHARE = 0.01;
/** The pause after a failed call. It doubles with each failure in a row, up to the cap. */
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 60_000;
/** The least time between two forced renewals: new credentials may be refused, too, and more calls would not help. */
const FORCED_INTERVAL_MS = 30_000;

type Held = { credentials: Credentials; renewAt: number; giveUpAt: number };
type Failure = { error: unknown; at: number; count: number; backoffMs: number };

/**
 * Keeps and renews the temporary credentials of one role. Only one call runs at a time; all callers of `get` share its
 * result. If a renewal fails, `get` returns the old credentials until they end. Without valid credentials it rejects,
 * and rejects at once until the backoff is over. It never renews in the background: Lambda may freeze a container
 * between two invocations.
 * Lifetimes are measured with our clock, from the start of the call, so a constant offset of the clock does not matter. If
 * the clock is set back, the server refuses the expired credentials, and the refusal renews them.
 */
export class RoleCredentials {
  readonly #assume: () => Promise<TemporaryCredentials>;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown, backoffMs: number) => void;
  #held: Held | undefined;
  #renewing: Promise<Credentials> | undefined;
  #failure: Failure | undefined;
  #forcedAt = Number.NEGATIVE_INFINITY;

  /** `onFailure` gets the error of every failed call, and the time until the next call is allowed. */
  constructor(
    assume: () => Promise<TemporaryCredentials>,
    clock: Clock,
    onFailure: (error: unknown, backoffMs: number) => void,
  ) {
    this.#assume = assume;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** `refresh`: renews the credentials if they are still the `refused` ones (absent: renews any credentials). */
  async get(options?: { refresh: boolean; refused?: Credentials }): Promise<Credentials> {
    const held = this.#held;
    if (held === undefined) return this.#renew();
    const now = this.#clock();
    const { sessionToken } = options?.refused ?? held.credentials;
    const isRefused = options?.refresh === true && sessionToken === held.credentials.sessionToken;
    if (isRefused && !isWithin(now, this.#forcedAt, FORCED_INTERVAL_MS)) {
      const renewed = await this.#renew();
      this.#forcedAt = now;
      return renewed;
    }
    if (now < held.renewAt) return held.credentials;
    try {
      return await this.#renew();
    } catch (error) {
      if (!isRefused && this.#clock() < held.giveUpAt) return held.credentials;
      throw error;
    }
  }

  async #renew(): Promise<Credentials> {
    const failure = this.#failure;
    if (failure !== undefined && isWithin(this.#clock(), failure.at, failure.backoffMs)) throw failure.error;
    this.#renewing ??= this.#call().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #call(): Promise<Credentials> {
    const calledAt = this.#clock();
    try {
      const { credentials, lifetimeMs } = await this.#assume();
      this.#held = {
        credentials,
        renewAt: calledAt + lifetimeMs * (1 - RENEW_SHARE),
        giveUpAt: calledAt + lifetimeMs * (1 - GIVE_UP_SHARE),
      };
      this.#failure = undefined;
      return credentials;
    } catch (error) {
      const count = (this.#failure?.count ?? 0) + 1;
      const asked = error instanceof AssumeRoleFailed ? (error.retryAfterMs ?? 0) : 0;
      const backoffMs = Math.max(asked, Math.min(BACKOFF_BASE_MS * 2 ** (count - 1), BACKOFF_CAP_MS));
      this.#failure = { error, at: this.#clock(), count, backoffMs };
      this.#onFailure(error, backoffMs);
      throw error;
    }
  }
}

/** False if `since` is in the future: then the clock was set back, and nothing waits for that time. */
function isWithin(now: number, since: number, durationMs: number): boolean {
  return now >= since && now - since < durationMs;
}
