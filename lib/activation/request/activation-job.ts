import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { Policy } from '../model/policy.ts';
import type { Bell } from '../model/ports.ts';

/**
 * The bell for what a queued activation is now, delayed until its `dueAt`, which stands behind the bell, says that it
 * is to be rung. It is ignored once the activation has another generation.
 */
export function bellFor(
  { activationId, generation, dueAt = 0 }: Pick<Activation, 'activationId' | 'generation' | 'dueAt'>,
  now: number,
  { ringGraceMs }: Pick<Policy, 'ringGraceMs'>,
): { bell: Bell; delayMs: number } {
  return { bell: { activationId, generation }, delayMs: Math.max(0, dueAt - ringGraceMs - now) };
}

/** Gives out places in the line of each account, from 0. */
export function placesInLine(): (flowLog: Pick<FlowLogRef, 'account'>) => number {
  const taken = new Map<string, number>();
  return ({ account }) => {
    const place = taken.get(account) ?? 0;
    taken.set(account, place + 1);
    return place;
  };
}
