import type { Activation } from './activation.ts';
import type { Bell } from './ports.ts';

/** The bell for what an activation is now: it is ignored once the activation has another generation. */
export function bellFor(
  { activationId, generation }: Pick<Activation, 'activationId' | 'generation'>,
  delayMs = 0,
): { bell: Bell; delayMs: number } {
  return { bell: { activationId, generation }, delayMs };
}
