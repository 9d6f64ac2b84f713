import { combineCalls } from '../../runtime/concurrency.ts';
import { StoreContended } from '../model/errors.ts';
import {
  type Clock,
  type Log,
  PAUSED,
  type RateLimiter,
  type RefusalNotes,
  type RunNotes,
  type TurnPlanner,
} from '../model/ports.ts';
import { withOutcome } from './describe-refusals.ts';
import {
  type Grant,
  grantTokens,
  isCorrected,
  type Pause,
  pauseOf,
  planTurns,
  type QuotaState,
  slowDown,
  type TokenRequest,
  withPause,
} from './quota-state.ts';
import { withRun } from './skipped-runs.ts';

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
  log: Log;
};

/** Each refused write means that another container got its tokens. */
const WRITE_TRIES = 50;
/** The jobs of one invocation read their activations at the same time, and then ask for their tokens. */
const GATHER_MS = 10;
/** A token that was not used may be used so much later. Also the longest wait after which a pause is not looked up. */
const SPARE_FOR_MS = 1_000;

/**
 * The quota of an account is one item in the table, whoever calls and in however many containers (Invariant 9). All calls
 * of one container that ask at the same time share one read and one write. A container that stops loses at most the
 * tokens that it has not used, and a write whose reply was lost only wastes its tokens: never too many calls.
 * Throws the errors of the store.
 */
export function createAccountQuota(
  options: AccountQuotaOptions,
): RateLimiter & RefusalNotes & RunNotes & TurnPlanner & PauseSwitch {
  const { store, ratePerSecond, now, sleep, log } = options;
  const combined = new Map<string, (request: TokenRequest) => Promise<Grant>>();
  const spareUntil = new Map<string, number[]>();
  /** The accounts whose state, when it was read last, had regions where DescribeFlowLogs is refused. */
  const refused = new Set<string>();

  const change = async <Result>(
    account: string,
    changeOf: (state: QuotaState) => { state: QuotaState; result: Result },
    isNeeded: (result: Result) => boolean = () => true,
  ): Promise<Result> => {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      const stored = await store.read(account);
      if (stored.state.refusals) refused.add(account);
      else refused.delete(account);
      const { state, result } = changeOf(stored.state);
      const isSame = !isNeeded(result) && !isCorrected(stored.state, state);
      if (isSame || (await store.write(account, state, stored.revision))) return result;
    }
    throw new StoreContended();
  };

  const grantAll = (account: string, requests: TokenRequest[]) =>
    change(
      account,
      (stored) => {
        const { state, grants } = grantTokens(stored, requests, now(), ratePerSecond);
        return { state, result: grants };
      },
      (grants) =>
        grants.some(({ granted, waitMs }, index) => granted || (requests[index]?.isJob && waitMs !== PAUSED)),
    );

  const grant = (account: string, request: TokenRequest): Promise<Grant> => {
    const ofAccount =
      combined.get(account) ??
      combineCalls(
        (requests: TokenRequest[]) => grantAll(account, requests),
        () => sleep(GATHER_MS),
      );
    combined.set(account, ofAccount);
    return ofAccount(request);
  };

  const isPaused = async (account: string) => pauseOf((await store.read(account)).state) !== undefined;

  const takeSpare = (account: string): boolean => {
    const spare = (spareUntil.get(account) ?? []).filter((until) => until >= now());
    const found = spare.pop() !== undefined;
    spareUntil.set(account, spare);
    return found;
  };

  const acquire = async (account: string, request: TokenRequest): Promise<number> => {
    if (takeSpare(account)) return 0;
    const { granted, waitMs } = await grant(account, request);
    if (!granted) return waitMs;
    if (waitMs > 0) await sleep(waitMs);
    // A person may have paused the account during a long wait.
    return waitMs > SPARE_FOR_MS && (await isPaused(account)) ? PAUSED : 0;
  };

  return {
    acquire: (account, maxWaitMs) => acquire(account, { maxWaitMs }),
    acquireOrTurn: (account, maxWaitMs) => acquire(account, { maxWaitMs, isJob: true }),
    release(account) {
      spareUntil.set(account, [...(spareUntil.get(account) ?? []), now() + SPARE_FOR_MS]);
    },
    async throttled(account) {
      const slower = change(
        account,
        (stored) => {
          const state = slowDown(stored, now());
          return { state, result: state.slowedAt !== stored.slowedAt };
        },
        (isSlower) => isSlower,
      );
      // The call was made: its outcome must not be lost.
      await slower.catch((error) => log.warn('the quota could not be slowed down', { account, error }));
    },
    async described({ account, region }, refusedWith) {
      if (refusedWith === undefined && !refused.has(account)) return;
      const noted = change(
        account,
        (stored) => {
          const refusals = withOutcome(stored.refusals, region, refusedWith, now());
          return { state: { ...stored, refusals }, result: refusals !== stored.refusals };
        },
        (isChanged) => isChanged,
      );
      await noted.catch((error) => log.warn('a refusal could not be noted', { account, region, error }));
    },
    async scheduleRan(account, schedule, skippedAt) {
      const noted = change(
        account,
        (stored) => {
          const skippedRuns = withRun(stored.skippedRuns, schedule, skippedAt);
          return { state: { ...stored, skippedRuns }, result: skippedRuns !== stored.skippedRuns };
        },
        (isChanged) => isChanged,
      );
      await noted.catch((error) => log.warn('a run could not be noted', { account, schedule, error }));
    },
    async expectTurns(account, count) {
      const { state } = await store.read(account);
      return planTurns(state, count, now(), ratePerSecond).turns;
    },
    async availability(account) {
      const { state } = await store.read(account);
      if (pauseOf(state)) return 'paused';
      const [turn = 0] = planTurns(state, 1, now(), ratePerSecond).turns;
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
    planTurns: (account, count) =>
      change(
        account,
        (stored) => {
          const { state, turns } = planTurns(stored, count, now(), ratePerSecond);
          return { state, result: turns };
        },
        (turns) => turns.some((turn) => turn > now()),
      ),
  };
}
