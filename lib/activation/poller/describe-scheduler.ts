import { inChunks } from '../../runtime/concurrency.ts';
import { DESCRIBE_LIMIT } from '../describe/describe-isolated.ts';
import type { Activation } from '../model/activation.ts';
import type { Policy } from '../model/policy.ts';
import { PAUSED } from '../model/ports.ts';
import { type DescribePendingDeps, describePending } from './describe-pending.ts';

/** The pause for an account and region whose credentials or permissions are refused. */
const PAUSE_AFTER_HOLD_MS = 60_000;
/** Longer than any pause between two calls for one activation. */
const REMEMBERED_MS = 300_000;

/** An account with at most so many pending activations, and no job planned, is described as often as FAST_MS. */
const FEW = 80;
const FAST_MS = 1_000;
/** The share of a quota that nobody else wants. */
const IDLE_SHARE = 0.5;
/** Messages and clocks are not exact: a tick that comes so much earlier describes all the same. */
const EARLY_MS = 500;

export type DescribeScheduler = {
  /**
   * Describes the activations until `endAt`, with at least one call for each account and region whose time has come.
   * Returns the pause from the begin of this tick to the next one, in ms: the shortest of the accounts, at most `tickMs`.
   */
  describe(deps: DescribePendingDeps, pending: Activation[], endAt: number): Promise<number>;
};

/**
 * The time between two calls for the activations of an account: `tickMs`, or less if they are few and its quota is idle,
 * so that an event follows soon after Active. A paused account has no next call.
 */
async function periodMs(
  { turns, policy }: DescribePendingDeps,
  account: string,
  activations: Activation[],
): Promise<number> {
  const availability = await turns.availability(account);
  if (availability === 'paused') return PAUSED;
  if (availability === 'planned' || activations.length > FEW) return policy.tickMs;
  const regions = new Set(activations.map(({ region }) => region)).size;
  return Math.min(policy.tickMs, Math.max(FAST_MS, (regions * 1_000) / (policy.ratePerSecond * IDLE_SHARE)));
}

/** The last call for an activation, and how many times in a row a call for it alone failed. */
type LastCall = { at: number; failuresAlone: number };

/**
 * The pause after a call for one id alone failed: one tick, then twice as long each time. The limit is half of the
 * replica lag, so that there are many calls for an id before its deadline ends it without a usable reply.
 */
function pauseMs(failuresAlone: number, { tickMs, replicaLagMs }: Policy): number {
  return failuresAlone === 0 ? 0 : Math.min(replicaLagMs / 2, tickMs * 2 ** (failuresAlone - 1));
}

/** `containsBadId`: calls for the group failed because of an id in it. */
type Group = { activations: Activation[]; containsBadId: boolean };

/**
 * Decides the order of DescribeFlowLogs calls. Accounts and regions are independent, so that a slow or refused one delays
 * no other. Each call has up to 100 ids. The ids with the oldest call come first: if a tick is too short for all, the
 * next tick starts with the others. A tick continues to halve the groups that the tick before did not finish. An id whose
 * calls fail is described alone, and less often after each failure, because it can also be innocent.
 */
export function createDescribeScheduler(): DescribeScheduler {
  let lastCalls = new Map<string, LastCall>();
  /** When the tick began that made the last calls for an account and region: its period does not grow with their number. */
  const scopeCalledAt = new Map<string, number>();
  const pausedUntil = new Map<string, number>();
  /** By account and region: groups of flow log ids that contain a bad id and are not finished. */
  const unfinished = new Map<string, string[][]>();

  /** Who was never described has waited since it is pending, so that a steady flow of new ones delays no other. */
  const calledAtOf = ({ activationId, pendingAt = 0 }: Activation) =>
    lastCalls.get(activationId)?.at ?? pendingAt;
  const failuresAloneOf = ({ activationId }: Activation) => lastCalls.get(activationId)?.failuresAlone ?? 0;
  const hasFailedAlone = (one: Activation) => failuresAloneOf(one) > 0;
  const nextCallAtOf = (one: Activation, policy: Policy) =>
    calledAtOf(one) + pauseMs(failuresAloneOf(one), policy);

  const groupsOf = (scope: string, activations: Activation[], now: number, policy: Policy): Group[] => {
    const suspects = (unfinished.get(scope) ?? []).map((ids) => {
      const inGroup = new Set(ids);
      return activations.filter((one) => inGroup.has(one.flowLogId) && !hasFailedAlone(one));
    });
    const isSuspect = new Set(suspects.flat());
    const others = activations
      .toSorted((a, b) => calledAtOf(a) - calledAtOf(b))
      .filter((one) => !isSuspect.has(one));
    const alone = others.filter((one) => hasFailedAlone(one) && now >= nextCallAtOf(one, policy));
    const together = others.filter((one) => !hasFailedAlone(one));
    const groups = [
      ...suspects
        .filter(({ length }) => length > 0)
        .map((group) => ({ activations: group, containsBadId: true })),
      ...inChunks(together, DESCRIBE_LIMIT).map((group) => ({ activations: group, containsBadId: false })),
      ...inChunks(alone, 1).map((group) => ({ activations: group, containsBadId: true })),
    ];
    const dueAtOf = (group: Group) => Math.min(...group.activations.map((one) => nextCallAtOf(one, policy)));
    return groups.sort((a, b) => dueAtOf(a) - dueAtOf(b));
  };

  /** Returns the unfinished groups of ids, and whether more calls may be made for the scope. */
  const describeGroup = async (
    deps: DescribePendingDeps,
    scope: string,
    { activations, containsBadId }: Group,
    begunAt: number,
  ) => {
    const byId = new Map(activations.map((one) => [one.flowLogId, one]));
    const hadFailedAlone = activations.every(hasFailedAlone);
    let remaining = containsBadId && !hadFailedAlone ? [[...byId.keys()]] : [];
    let mayContinue = false;
    for await (const part of describePending(deps, activations, containsBadId)) {
      const { stoppedBy } = part;
      const failedAlone = part.failedAlone || (hadFailedAlone && stoppedBy !== undefined);
      for (const id of part.requestedIds) {
        const activationId = byId.get(id)?.activationId ?? '';
        const failuresAlone = failedAlone ? (lastCalls.get(activationId)?.failuresAlone ?? 0) + 1 : 0;
        lastCalls.set(activationId, { at: deps.now(), failuresAlone });
      }
      scopeCalledAt.set(scope, begunAt);
      remaining = part.remaining;
      const isAnswered = [...part.observations.values()].some(({ kind }) => kind !== 'unanswered');
      const [first] = activations;
      if (first && isAnswered) await deps.limiter.described(first, undefined);
      if (first && stoppedBy?.kind === 'hold') {
        pausedUntil.set(scope, deps.now() + PAUSE_AFTER_HOLD_MS);
        await deps.limiter.described(first, stoppedBy.error.code);
      }
      mayContinue = stoppedBy?.kind !== 'hold' && stoppedBy?.kind !== 'throttled';
    }
    return { remaining, mayContinue };
  };

  const describeScope = async (
    deps: DescribePendingDeps,
    scope: string,
    activations: Activation[],
    endAt: number,
  ) => {
    if ((pausedUntil.get(scope) ?? 0) > deps.now()) return;
    pausedUntil.delete(scope);
    const begunAt = deps.now();
    const groups = groupsOf(scope, activations, begunAt, deps.policy);
    const remaining: string[][] = [];
    let mayContinue = true;
    for (const [index, group] of groups.entries()) {
      mayContinue &&= index === 0 || deps.now() < endAt;
      if (mayContinue) {
        const result = await describeGroup(deps, scope, group, begunAt);
        remaining.push(...result.remaining);
        mayContinue = result.mayContinue;
      } else if (group.containsBadId && !group.activations.every(hasFailedAlone)) {
        remaining.push(group.activations.map(({ flowLogId }) => flowLogId));
      }
    }
    unfinished.set(scope, remaining);
  };

  return {
    async describe(deps, pending, endAt) {
      const forgetBefore = deps.now() - REMEMBERED_MS;
      lastCalls = new Map([...lastCalls].filter(([, { at }]) => at >= forgetBefore));
      const periods = new Map(
        await Promise.all(
          [...Map.groupBy(pending, ({ account }) => account)].map(
            async ([account, ofAccount]) => [account, await periodMs(deps, account, ofAccount)] as const,
          ),
        ),
      );
      const isDue = ([scope, [first]]: [string, Activation[]]) =>
        deps.now() - (scopeCalledAt.get(scope) ?? 0) + EARLY_MS >= (periods.get(first?.account ?? '') ?? 0);
      const scopes = [...Map.groupBy(pending, ({ account, region }) => `${account}#${region}`)].filter(isDue);
      // The regions of one account share its rate: the region with the oldest call gets its token first.
      scopes.sort(([a], [b]) => (scopeCalledAt.get(a) ?? 0) - (scopeCalledAt.get(b) ?? 0));
      const settled = await Promise.allSettled(
        scopes.map(([scope, activations]) => describeScope(deps, scope, activations, endAt)),
      );
      for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
      return Math.min(deps.policy.tickMs, ...periods.values());
    },
  };
}
