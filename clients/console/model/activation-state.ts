import type { Activation } from '../../http/api.ts';
import { relativeTime } from './time.ts';

/** How something stands, and its colour. Never shown by colour alone. */
export type Tone = 'quiet' | 'wait' | 'good' | 'bad' | 'alert';

const TONES: Record<Activation['status'], Tone> = {
  queued: 'quiet',
  pending: 'wait',
  completed: 'good',
  failed: 'bad',
};

export function isDrifted({ drift }: Activation): boolean {
  return drift !== undefined && drift.endedAt === undefined;
}

export type State = { tone: Tone; text: string; detail?: string };

/** The state in one word, such as `queued` or `held`, and what is to be said of it, such as `frozen`. */
export function stateOf(activation: Activation): State {
  const { status, reason, adopted, held, drift, desired } = activation;
  if (held) return { tone: 'alert', text: 'held', ...(desired && { detail: `to ${desired}` }) };
  if (status === 'completed' && drift && isDrifted(activation)) {
    return { tone: 'alert', text: 'drifted', detail: drift.kind };
  }
  const detail = [desired && `to ${desired}`, reason ?? (adopted ? 'adopted' : undefined)]
    .filter(Boolean)
    .join(' · ');
  return { tone: TONES[status], text: status, ...(detail !== '' && { detail }) };
}

/** Why it is where it is, in one line: what it waits for, or how the latest call ended. */
export function causeOf(
  { status, held, lastError, nextAttemptAt, deadlineAt }: Activation,
  now: number,
): string {
  if (status === 'completed') return '';
  const next =
    nextAttemptAt && Date.parse(nextAttemptAt) > now ? `next call ${relativeTime(nextAttemptAt, now)}` : '';
  const waits = status === 'pending' ? `deadline ${relativeTime(deadlineAt, now)}` : '';
  return [held?.code ?? lastError?.code, next || waits].filter(Boolean).join(' · ');
}
