import type { Activation } from './activation.ts';
import { inChunks } from './concurrency.ts';
import { type Look, lookAtPending } from './look-at-pending.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
/** How long an account whose credentials or permissions are refused is left alone. */
const PAUSE_AFTER_HOLD_MS = 60_000;
/** How often a flow log for which Volcengine refuses the whole call is asked about, by itself. */
const ALONE_EVERY_MS = 30_000;

/** Longer than any pending one is left unasked. */
const REMEMBERED_MS = 300_000;

export type PendingRounds = {
  /** Asks about what is given until `endAt`, at least once for each account and region. */
  ask(look: Look, pending: Activation[], endAt: number): Promise<void>;
};

/** By activation id, what is remembered of the last time it was asked about. */
type Asked = { at: number; isRefusedAlone: boolean };

/**
 * Takes turns: each account and region by itself, so that a slow or refused one delays no other, in full hundreds,
 * and those first that were asked about longest ago, so that a tick too short for all leaves out others each time.
 * One that spoils the calls that name it is asked about alone, behind the others.
 */
export function createPendingRounds(): PendingRounds {
  let asked = new Map<string, Asked>();
  const pausedUntil = new Map<string, number>();

  const timeOf = ({ activationId }: Activation) => asked.get(activationId)?.at ?? 0;
  const isRefusedAlone = ({ activationId }: Activation) => asked.get(activationId)?.isRefusedAlone === true;

  const groupsOf = (activations: Activation[], now: number): Activation[][] => {
    const waiting = activations.toSorted((a, b) => timeOf(a) - timeOf(b));
    const together = waiting.filter((activation) => !isRefusedAlone(activation));
    const alone = waiting.filter(
      (activation) => isRefusedAlone(activation) && now - timeOf(activation) >= ALONE_EVERY_MS,
    );
    return [...inChunks(together, DESCRIBE_LIMIT), ...inChunks(alone, 1)];
  };

  const askScope = async (look: Look, scope: string, activations: Activation[], endAt: number) => {
    if ((pausedUntil.get(scope) ?? 0) > look.now()) return;
    pausedUntil.delete(scope);
    for (const [index, group] of groupsOf(activations, look.now()).entries()) {
      if (index > 0 && look.now() >= endAt) return;
      const idOf = new Map(group.map(({ flowLogId, activationId }) => [flowLogId, activationId]));
      let isAsked = false;
      const wasRefusedAlone = group.every(isRefusedAlone);
      for await (const { observations, stoppedBy, ...part } of lookAtPending(look, group, wasRefusedAlone)) {
        isAsked = true;
        const stillRefused = part.isRefusedAlone || (wasRefusedAlone && stoppedBy !== undefined);
        for (const flowLogId of observations.keys()) {
          asked.set(idOf.get(flowLogId) ?? '', { at: look.now(), isRefusedAlone: stillRefused });
        }
        if (stoppedBy?.kind === 'hold') pausedUntil.set(scope, look.now() + PAUSE_AFTER_HOLD_MS);
        if (stoppedBy?.kind === 'hold' || stoppedBy?.kind === 'throttled') return;
      }
      if (!isAsked) return;
    }
  };

  return {
    async ask(look, pending, endAt) {
      const forgetBefore = look.now() - REMEMBERED_MS;
      asked = new Map([...asked].filter(([, { at }]) => at >= forgetBefore));
      const scopes = Map.groupBy(pending, ({ account, region }) => `${account}#${region}`);
      const settled = await Promise.allSettled(
        [...scopes].map(([scope, activations]) => askScope(look, scope, activations, endAt)),
      );
      for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
