import { combineCalls } from '../../runtime/concurrency.ts';
import { StoreContended } from '../model/errors.ts';
import { type Clock, PAUSED, type RateLimiter, type TurnPlanner } from '../model/ports.ts';
import {
  type Grant,
  grantTokens,
  isCorrected,
  type Pause,
  pauseOf,
  planTurns,
  type QuotaState,
  slowDown,
  type TurnSequence,
  withPause,
} from './quota-state.ts';

/** The quota of each account in the table. */
export interface QuotaStore {
  /** Strongly consistent. FRESH if there is none. `revision` is for `write`. */
  read(account: string): Promise<{ state: QuotaState; revision: unknown }>;
  /** Conditional on `revision`. Returns false if another writer was faster. */
  write(account: string, state: QuotaState, revision: unknown): Promise<boolean>;
}

/** Reads many quotas at once, perhaps a moment out of date. An account without one has none in the result. */
export interface QuotaReader {
  readMany(accounts: readonly string[]): Promise<Map<string, QuotaState>>;
}

/** A paused account gets no tokens, in no container. */
export interface PauseSwitch {
  /** Returns the pause. An account that is paused already keeps its first one. */
  pause(account: string, pause: Pause): Promise<Pause>;
  /** Returns the pause that it ended, or undefined if there was none. */
  resume(account: string): Promise<Pause | undefined>;
}

export type AccountQuotaOptions = {
  store: QuotaStore;
  ratePerSecond: number;
  now: Clock;
  sleep: (ms: number) => Promise<unknown>;
};

/** Each refused write means that another container got its tokens. */
const WRITE_TRIES = 50;
/** The jobs of one invocation read their activations at the same time, and then ask for their tokens. */
const GATHER_MS = 10;
/** A token that was not used may be used so much later. Also the longest wait after which a pause is not looked up. */
const SPARE_FOR_MS = 1_000;

type Request = { maxWaitMs: number };

/**
 * The quota of an account is one item in the table, whoever calls and in however many containers (Invariant 9). All calls
 * of one container that ask at the same time share one read and one write. A container that stops loses at most the
 * tokens that it has not used, and a write whose reply was lost only wastes its tokens: never too many calls.
 * Throws the errors of the store.
 */
export function createAccountQuota(options: AccountQuotaOptions): RateLimiter & TurnPlanner & PauseSwitch {
  const { store, ratePerSecond, now, sleep } = options;
  const spareUntil = new Map<string, number[]>();

  const change = async <Result>(
    account: string,
    changeOf: (state: QuotaState) => { state: QuotaState; result: Result },
    isNeeded: (result: Result) => boolean = () => true,
  ): Promise<Result> => {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      const stored = await store.read(account);
      const { state, result } = changeOf(stored.state);
      const isSame = !isNeeded(result) && !isCorrected(stored.state, state);
      if (isSame || (await store.write(account, state, stored.revision))) return result;
    }
    throw new StoreContended();
  };

  const perAccount = <Item, Result>(run: (account: string, items: Item[]) => Promise<Result[]>) => {
    const combined = new Map<string, (item: Item) => Promise<Result>>();
    return (account: string, item: Item): Promise<Result> => {
      const call =
        combined.get(account) ??
        combineCalls(
          (items) => run(account, items),
          () => sleep(GATHER_MS),
        );
      combined.set(account, call);
      return call(item);
    };
  };

  const grant = perAccount<Request, Grant>((account, requests) =>
    change(
      account,
      (stored) => {
        const { state, grants } = grantTokens(stored, requests, now(), ratePerSecond);
        return { state, result: grants };
      },
      (grants) => grants.some(({ granted }) => granted),
    ),
  );

  const takeTurns = (account: string, sequence: TurnSequence, count: number) =>
    change(
      account,
      (stored) => {
        const { state, turns } = planTurns(stored, sequence, count, now(), ratePerSecond);
        return { state, result: turns };
      },
      (turns) => sequence === 'repeatedUntil' || turns.some((turn) => turn > now()),
    );

  const planAgain = perAccount<'again', number>((account, jobs) =>
    takeTurns(account, 'repeatedUntil', jobs.length),
  );

  const isPaused = async (account: string) => pauseOf((await store.read(account)).state) !== undefined;

  const takeSpare = (account: string): boolean => {
    const spare = (spareUntil.get(account) ?? []).filter((until) => until >= now());
    const found = spare.pop() !== undefined;
    spareUntil.set(account, spare);
    return found;
  };

  return {
    async acquire(account, maxWaitMs) {
      if (takeSpare(account)) return 0;
      const { granted, waitMs } = await grant(account, { maxWaitMs });
      if (!granted) return waitMs;
      if (waitMs > 0) await sleep(waitMs);
      // A person may have paused the account during a long wait.
      return waitMs > SPARE_FOR_MS && (await isPaused(account)) ? PAUSED : 0;
    },
    release(account) {
      spareUntil.set(account, [...(spareUntil.get(account) ?? []), now() + SPARE_FOR_MS]);
    },
    async throttled(account) {
      await change(
        account,
        (stored) => {
          const state = slowDown(stored, now());
          return { state, result: state.slowedAt !== stored.slowedAt };
        },
        (isSlower) => isSlower,
      );
    },
    async expectTurns(account, count) {
      const { state } = await store.read(account);
      return planTurns(state, 'plannedUntil', count, now(), ratePerSecond).turns;
    },
    async availability(account) {
      const { state } = await store.read(account);
      if (pauseOf(state)) return 'paused';
      const [turn = 0] = planTurns(state, 'plannedUntil', 1, now(), ratePerSecond).turns;
      return turn > now() ? 'planned' : 'idle';
    },
    pause: (account, pause) =>
      change(
        account,
        (stored) => ({ state: withPause(stored, pause), result: pauseOf(stored) ?? pause }),
        (result) => result === pause,
      ),
    resume: (account) =>
      change(
        account,
        (stored) => ({ state: withPause(stored, undefined), result: pauseOf(stored) }),
        (ended) => ended !== undefined,
      ),
    planTurns: (account, count) => takeTurns(account, 'plannedUntil', count),
    planAgain: (account) => planAgain(account, 'again'),
  };
}
