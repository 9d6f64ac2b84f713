import type { Activation } from './activation.ts';
import { type Look, lookAtPending } from './look-at-pending.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
/** How long an account whose credentials or permissions are refused is left alone. */
const PAUSE_AFTER_HOLD_MS = 60_000;

export type PendingRounds = {
  /** Asks about what is given until `endAt`, at least once for each account and region. */
  ask(look: Look, pending: Activation[], endAt: number): Promise<void>;
};

/**
 * Takes turns: each account and region by itself, so that a slow or refused one delays no other, in full hundreds,
 * and those first that were asked about longest ago, so that a tick too short for all leaves out others each time.
 */
export function createPendingRounds(): PendingRounds {
  let askedAt = new Map<string, number>();
  const pausedUntil = new Map<string, number>();

  const askScope = async (look: Look, scope: string, activations: Activation[], endAt: number) => {
    if ((pausedUntil.get(scope) ?? 0) > look.now()) return;
    pausedUntil.delete(scope);
    const waiting = activations.toSorted((a, b) => timeOf(a) - timeOf(b));
    for (let start = 0; start < waiting.length; start += DESCRIBE_LIMIT) {
      if (start > 0 && look.now() >= endAt) return;
      const group = waiting.slice(start, start + DESCRIBE_LIMIT);
      const outcome = await lookAtPending(look, group);
      for (const { activationId } of group) askedAt.set(activationId, look.now());
      if (outcome === 'hold') pausedUntil.set(scope, look.now() + PAUSE_AFTER_HOLD_MS);
      if (outcome === 'hold' || outcome === 'throttled' || outcome === 'no-token') return;
    }
  };
  const timeOf = ({ activationId }: Activation) => askedAt.get(activationId) ?? 0;

  return {
    async ask(look, pending, endAt) {
      const known = pending.filter(({ activationId }) => askedAt.has(activationId));
      askedAt = new Map(known.map((activation) => [activation.activationId, timeOf(activation)]));
      const scopes = Map.groupBy(pending, ({ account, region }) => `${account}#${region}`);
      const asked = await Promise.allSettled(
        [...scopes].map(([scope, activations]) => askScope(look, scope, activations, endAt)),
      );
      for (const outcome of asked) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
