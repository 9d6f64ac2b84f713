import { inChunks } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import type { Policy } from '../model/policy.ts';
import { type DescribePendingDeps, describePending } from './describe-pending.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
/** How long an account whose credentials or permissions are refused is left alone. */
const PAUSE_AFTER_HOLD_MS = 60_000;
/** Longer than any pending one is left unasked. */
const REMEMBERED_MS = 300_000;

export type DescribeScheduler = {
  /** Asks about what is given until `endAt`, at least once for each account and region. */
  ask(deps: DescribePendingDeps, pending: Activation[], endAt: number): Promise<void>;
};

/** By activation id: when it was last asked about, and how often in a row it was refused though it was asked about alone. */
type Asked = { at: number; refusals: number };

/**
 * How long an id that was refused alone is left unasked: a tick at first, then twice as long each time. Never longer
 * than half of a replica's lag, so that a deadline that is held without an answer was asked about many times.
 */
function pauseMs(refusals: number, { tickMs, replicaLagMs }: Policy): number {
  return refusals === 0 ? 0 : Math.min(replicaLagMs / 2, tickMs * 2 ** (refusals - 1));
}

/** `isSpoilt`: calls for it have been refused, and an id in it is at fault. */
type Group = { activations: Activation[]; isSpoilt: boolean };

/**
 * Takes turns: each account and region by itself, so that a slow or refused one delays no other, in full hundreds,
 * and those first that were asked about longest ago, so that a tick too short for all leaves out others each time.
 * What a tick has learned of a refused group, the next one goes on from. An id that spoils the calls that name it is
 * asked about alone, and the more rarely the more often it was refused: it may be innocent, when many calls fail.
 */
export function createDescribeScheduler(): DescribeScheduler {
  let asked = new Map<string, Asked>();
  const scopeAskedAt = new Map<string, number>();
  const pausedUntil = new Map<string, number>();
  /** Groups of flow log ids that a tick came no further with. */
  const left = new Map<string, string[][]>();

  const timeOf = ({ activationId }: Activation) => asked.get(activationId)?.at ?? 0;
  const refusalsOf = ({ activationId }: Activation) => asked.get(activationId)?.refusals ?? 0;
  const isRefusedAlone = (one: Activation) => refusalsOf(one) > 0;
  const nextTimeOf = (one: Activation, policy: Policy) => timeOf(one) + pauseMs(refusalsOf(one), policy);

  const groupsOf = (scope: string, activations: Activation[], now: number, policy: Policy): Group[] => {
    const spoilt = (left.get(scope) ?? []).map((ids) => {
      const inGroup = new Set(ids);
      return activations.filter((one) => inGroup.has(one.flowLogId) && !isRefusedAlone(one));
    });
    const inSpoilt = new Set(spoilt.flat());
    const waiting = activations.toSorted((a, b) => timeOf(a) - timeOf(b)).filter((one) => !inSpoilt.has(one));
    const alone = waiting.filter((one) => isRefusedAlone(one) && now >= nextTimeOf(one, policy));
    const together = waiting.filter((one) => !isRefusedAlone(one));
    const groups = [
      ...spoilt.filter(({ length }) => length > 0).map((group) => ({ activations: group, isSpoilt: true })),
      ...inChunks(together, DESCRIBE_LIMIT).map((group) => ({ activations: group, isSpoilt: false })),
      ...inChunks(alone, 1).map((group) => ({ activations: group, isSpoilt: true })),
    ];
    const turnOf = (group: Group) => Math.min(...group.activations.map((one) => nextTimeOf(one, policy)));
    return groups.sort((a, b) => turnOf(a) - turnOf(b));
  };

  /** Returns what is left of the group, and whether the scope may be asked on. */
  const askGroup = async (deps: DescribePendingDeps, scope: string, { activations, isSpoilt }: Group) => {
    const byId = new Map(activations.map((one) => [one.flowLogId, one]));
    const wasRefusedAlone = activations.every(isRefusedAlone);
    let rest = isSpoilt && !wasRefusedAlone ? [[...byId.keys()]] : [];
    let goesOn = false;
    for await (const part of describePending(deps, activations, isSpoilt)) {
      const { stoppedBy } = part;
      const isRefused = part.isRefusedAlone || (wasRefusedAlone && stoppedBy !== undefined);
      for (const id of part.asked) {
        const activationId = byId.get(id)?.activationId ?? '';
        const refusals = isRefused ? (asked.get(activationId)?.refusals ?? 0) + 1 : 0;
        asked.set(activationId, { at: deps.now(), refusals });
      }
      scopeAskedAt.set(scope, deps.now());
      rest = part.left;
      if (stoppedBy?.kind === 'hold') pausedUntil.set(scope, deps.now() + PAUSE_AFTER_HOLD_MS);
      goesOn = stoppedBy?.kind !== 'hold' && stoppedBy?.kind !== 'throttled';
    }
    return { rest, goesOn };
  };

  const askScope = async (
    deps: DescribePendingDeps,
    scope: string,
    activations: Activation[],
    endAt: number,
  ) => {
    if ((pausedUntil.get(scope) ?? 0) > deps.now()) return;
    pausedUntil.delete(scope);
    const groups = groupsOf(scope, activations, deps.now(), deps.policy);
    const leftNow: string[][] = [];
    let goesOn = true;
    for (const [index, group] of groups.entries()) {
      goesOn &&= index === 0 || deps.now() < endAt;
      if (goesOn) {
        const came = await askGroup(deps, scope, group);
        leftNow.push(...came.rest);
        goesOn = came.goesOn;
      } else if (group.isSpoilt && !group.activations.every(isRefusedAlone)) {
        leftNow.push(group.activations.map(({ flowLogId }) => flowLogId));
      }
    }
    left.set(scope, leftNow);
  };

  return {
    async ask(deps, pending, endAt) {
      const forgetBefore = deps.now() - REMEMBERED_MS;
      asked = new Map([...asked].filter(([, { at }]) => at >= forgetBefore));
      const scopes = [...Map.groupBy(pending, ({ account, region }) => `${account}#${region}`)];
      // Those of one account draw from one rate: the one that was asked longest ago draws first.
      scopes.sort(([a], [b]) => (scopeAskedAt.get(a) ?? 0) - (scopeAskedAt.get(b) ?? 0));
      const settled = await Promise.allSettled(
        scopes.map(([scope, activations]) => askScope(deps, scope, activations, endAt)),
      );
      for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
