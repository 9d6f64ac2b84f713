import type { Clock } from '../activation/model/ports.ts';
import type { TemporaryCredentials } from './assume-role.ts';
import { AssumeRoleFailed } from './assume-role-failed.ts';
import type { Credentials } from './credentials.ts';

/** Of a lifetime: what is left when new credentials are asked for (6 minutes of an hour), */
const RENEW_SHARE = 0.1;
/** and when the old ones are given up (36 s of an hour): the call that they sign has to arrive in time. */
const GIVE_UP_SHARE = 0.01;
/** After a failure no call for so long: this, doubled with each failure in a row, up to the cap. */
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 60_000;
/** Credentials that are refused as soon as they are given are no reason to ask for more of them. */
const FORCED_INTERVAL_MS = 30_000;

type Held = { credentials: Credentials; renewAt: number; giveUpAt: number };
type Failure = { error: unknown; at: number; count: number; backoffMs: number };

/**
 * The temporary credentials of one role, kept and renewed. One call is under way at a time, however many ask; all
 * of them get its result. While the old credentials live, a failure to renew them stops nobody; without any it
 * rejects, and so does every `get` until the backoff is over. Renewing is never left to the background: a container
 * may be frozen between two invocations.
 * Times are counted by our clock from when the call was made, so that only its pace matters, not what it shows; if it
 * is set back, the server refuses what has ended, and that renews too.
 */
export class RoleCredentials {
  readonly #assume: () => Promise<TemporaryCredentials>;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown, backoffMs: number) => void;
  #held: Held | undefined;
  #renewing: Promise<Credentials> | undefined;
  #failure: Failure | undefined;
  #forcedAt = Number.NEGATIVE_INFINITY;

  /** `onFailure` hears of every call that failed, and how long none is made after it. */
  constructor(
    assume: () => Promise<TemporaryCredentials>,
    clock: Clock,
    onFailure: (error: unknown, backoffMs: number) => void,
  ) {
    this.#assume = assume;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** `refresh`: the `refused` ones (absent: whatever is held) are of no use, unless others are held by now. */
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
    const askedAt = this.#clock();
    try {
      const { credentials, lifetimeMs } = await this.#assume();
      this.#held = {
        credentials,
        renewAt: askedAt + lifetimeMs * (1 - RENEW_SHARE),
        giveUpAt: askedAt + lifetimeMs * (1 - GIVE_UP_SHARE),
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

/** A time in the future is one that the clock was set back from: nothing waits for it to come again. */
function isWithin(now: number, since: number, durationMs: number): boolean {
  return now >= since && now - since < durationMs;
}
