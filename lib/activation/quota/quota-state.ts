import { PAUSED } from '../model/ports.ts';
import { oldestRefusal, type Refusal, type Refusals } from './describe-refusals.ts';
import type { SkippedRuns } from './skipped-runs.ts';

/** Since when a person lets nobody call Volcengine for an account, in ms since the epoch. `pausedBy`: see principal.ts. */
export type Pause = { pausedAt: number; pausedBy: string; pausedWhy?: string };

/**
 * The quota of one account, as the table stores it for the whole deployment (Invariant 9). Times are milliseconds since
 * the epoch. A missing item is FRESH.
 */
export type QuotaState = Partial<Pause> & {
  /** Tokens are granted up to this time (the theoretical arrival time of the generic cell rate algorithm, GCRA). */
  usedUntil: number;
  /** The jobs of requests have their turns up to this time, and those that got no token have them up to the other. */
  plannedUntil: number;
  repeatedUntil: number;
  /** The speed after the last throttled call, and when that was. 1 is the full rate. */
  slowedTo: number;
  slowedAt: number;
  /** The latest clock of the containers that wrote the state. */
  writtenAt: number;
  /** Where DescribeFlowLogs is refused, for the status alone. */
  refusals?: Refusals | undefined;
  /** What a pause has skipped, and was not made up for. For the status alone. */
  skippedRuns?: SkippedRuns | undefined;
};

export const FRESH: QuotaState = {
  usedUntil: 0,
  plannedUntil: 0,
  repeatedUntil: 0,
  slowedTo: 1,
  slowedAt: 0,
  writtenAt: 0,
};

/**
 * A burst is 1.25 seconds of the rate, at least one call. Volcengine allows 10 at 4 per second (the Terraform provider's
 * limit for VPC reads), twice as many. The other half is for containers whose clocks differ: each second of difference is
 * one more second of the rate.
 */
const BURST_SECONDS = 1.25;
/** Jobs are planned for this share of the rate. The rest is for DescribeFlowLogs and for repeated jobs and calls. */
const PLANNED_SHARE = 0.94;
/** Turns are so far apart: one message brings the jobs of a turn, and one write gets their tokens, less than a burst. */
const TURN_MS = 1_100;
/** Several throttled replies of one burst count once. */
const SLOW_DOWN_AT_MOST_EVERY_MS = 1_000;
export const LOWEST_SPEED = 1 / 64;
/** From the lowest speed to the full rate, in a straight line. */
const RECOVERY_MS = 60_000;
/** A larger difference between two clocks is a wrong clock. */
const CLOCKS_DIFFER_MS = 30_000;

/**
 * Returns the state at the present time, which is its `writtenAt`: by the clock of the reader, or by that of the last
 * writer if it is ahead. So of clocks that differ by some seconds the latest counts for all, and the containers with the
 * other clocks get their tokens too. But a clock that was wrong by hours must not stop the account for hours.
 */
function byClock(state: QuotaState, now: number): QuotaState {
  const aheadMs = state.writtenAt - now;
  if (aheadMs <= CLOCKS_DIFFER_MS) return { ...state, writtenAt: Math.max(now, state.writtenAt) };
  return {
    ...state,
    usedUntil: state.usedUntil - aheadMs,
    plannedUntil: state.plannedUntil - aheadMs,
    repeatedUntil: state.repeatedUntil - aheadMs,
    slowedAt: state.slowedAt - aheadMs,
    writtenAt: now,
  };
}

/** Whether the stored state was written by a wrong clock, so that the corrected one must be written. */
export function isCorrected(stored: QuotaState, { writtenAt }: QuotaState): boolean {
  return stored.writtenAt - writtenAt > CLOCKS_DIFFER_MS;
}

/** The share of the full rate at a time, from 1/64 to 1. It depends on the state alone: all containers agree. */
function speedAt({ slowedTo, slowedAt }: QuotaState, at: number): number {
  return Math.min(1, slowedTo + Math.max(0, at - slowedAt) / RECOVERY_MS);
}

/** The most calls at once. */
function burstOf(ratePerSecond: number): number {
  return Math.max(1, Math.floor(ratePerSecond * BURST_SECONDS));
}

/** How long before `now` an unused quota may begin, so that the first burst has its turn at once. */
function headStartMs(ratePerSecond: number): number {
  return ((burstOf(ratePerSecond) - 1) * 1_000) / ratePerSecond;
}

/** `isJob`: without a token it takes another turn. */
export type TokenRequest = { maxWaitMs: number; isJob?: boolean };
export type Grant = { granted: boolean; waitMs: number };

/** The pause, if the account is paused. */
export function pauseOf({ pausedAt, pausedBy = '', pausedWhy }: QuotaState): Pause | undefined {
  return pausedAt === undefined ? undefined : { pausedAt, pausedBy, ...(pausedWhy && { pausedWhy }) };
}

/** `pause` undefined: the account is resumed. Its tokens, turns and speed stay as they are. */
export function withPause(stored: QuotaState, pause: Pause | undefined): QuotaState {
  return { ...stored, pausedAt: undefined, pausedBy: undefined, pausedWhy: undefined, ...pause };
}

/**
 * Grants a token to each request that gets one within its `maxWaitMs`, in order. `waitMs`: the caller may call after this
 * time. For a refused request it is the time that a token would take; for a refused job, the time until its next turn;
 * PAUSED for a paused account. While refused jobs have turns, there are more jobs than tokens: then no job waits for a
 * token, because a tick that needs one would wait behind it.
 */
export function grantTokens(
  stored: QuotaState,
  requests: readonly TokenRequest[],
  now: number,
  ratePerSecond: number,
): { state: QuotaState; grants: Grant[] } {
  const state = byClock(stored, now);
  if (pauseOf(state)) return { state, grants: requests.map(() => ({ granted: false, waitMs: PAUSED })) };
  const at = state.writtenAt;
  const stepMs = (from: number) => 1_000 / (ratePerSecond * speedAt(state, from));
  let next = Math.max(state.usedUntil, at - headStartMs(ratePerSecond));
  let { repeatedUntil } = state;
  const grants = requests.map(({ maxWaitMs, isJob }) => {
    const waitMs = Math.max(0, Math.ceil(next - at));
    const granted = waitMs <= (isJob && repeatedUntil > at ? 0 : maxWaitMs);
    if (granted) next += stepMs(Math.max(next, at));
    if (granted || !isJob) return { granted, waitMs };
    const turn = Math.max(repeatedUntil, at + waitMs);
    // Planned jobs leave so little that more turns would only be refused again. After them there is the whole rate.
    const slowStepMs = stepMs(turn) / (1 - PLANNED_SHARE);
    repeatedUntil = turn + Math.max(stepMs(turn), Math.min(slowStepMs, state.plannedUntil - turn));
    return { granted, waitMs: Math.ceil(turn - at) };
  });
  return { state: { ...state, usedUntil: next, repeatedUntil }, grants };
}

/**
 * Plans the turns of `count` jobs behind those of earlier requests. If no job is planned, the first burst has its turn at
 * once. A turn is no token: it only spreads the jobs over time, so that most of them find one.
 */
export function planTurns(
  stored: QuotaState,
  count: number,
  now: number,
  ratePerSecond: number,
): { state: QuotaState; turns: number[] } {
  const state = byClock(stored, now);
  let next = Math.max(state.plannedUntil, now - headStartMs(ratePerSecond));
  const turns = Array.from({ length: count }, () => {
    const turn = next <= now ? now : Math.ceil(next / TURN_MS) * TURN_MS;
    next += 1_000 / (ratePerSecond * PLANNED_SHARE * speedAt(state, turn));
    return turn;
  });
  return { state: { ...state, plannedUntil: next }, turns };
}

/** Halves the speed after a throttled call, at most once a second, and takes back what is left of the burst. */
export function slowDown(stored: QuotaState, now: number): QuotaState {
  const state = byClock(stored, now);
  const at = state.writtenAt;
  if (Math.abs(at - state.slowedAt) < SLOW_DOWN_AT_MOST_EVERY_MS) return state;
  const slowedTo = Math.max(LOWEST_SPEED, speedAt(state, at) / 2);
  return { ...state, slowedTo, slowedAt: at, usedUntil: Math.max(state.usedUntil, at) };
}

/** The quota of an account as it is now. Times in ms since the epoch. */
export type QuotaNow = {
  ratePerSecond: number;
  /** When the account was slowed down. Absent at the full rate. */
  slowedAt?: number;
  /** The turn of the last planned job of a request. Absent if it has come. */
  plannedUntil?: number;
  pause?: Pause;
  refusal?: Refusal;
};

export function quotaNow(stored: QuotaState, now: number, ratePerSecond: number): QuotaNow {
  const state = byClock(stored, now);
  const { slowedAt, plannedUntil } = state;
  const speed = speedAt(state, now);
  const pause = pauseOf(stored);
  const refusal = oldestRefusal(stored.refusals, now);
  return {
    ratePerSecond: ratePerSecond * speed,
    ...(speed < 1 && { slowedAt }),
    ...(plannedUntil > now && { plannedUntil: Math.ceil(plannedUntil) }),
    ...(pause && { pause }),
    ...(refusal && { refusal }),
  };
}
