import type { Activation, OutboxEntry } from './activation.ts';
import type { Policy } from './policy.ts';
import type { Random } from './ports.ts';

const REFUSED_CAP_MS = 3_600_000;

/** How long what was refused `times` times in a row is left alone: twice as long each time, up to an hour. */
export function refusedDelayMs(times: number, { tickMs }: Pick<Policy, 'tickMs'>, random: Random): number {
  const ceiling = Math.min(REFUSED_CAP_MS, tickMs * 2 ** Math.min(times, 40));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** Puts on record that the bus or the queue has refused these entries. Nothing else of the record waits for them. */
export function noteRefused(
  activation: Activation,
  refused: OutboxEntry[],
  retryAfterMs: (times: number) => number,
  now: number,
): Activation {
  const { outbox, refused: noted } = activation;
  // What 0.3 has published since is still noted.
  const earlier = noted?.entries.filter((entry) => outbox.includes(entry)) ?? [];
  const times = earlier.length > 0 ? (noted?.times ?? 0) + 1 : 1;
  const entries = [...new Set([...earlier, ...refused])];
  return { ...activation, refused: { entries, times, retryAt: now + retryAfterMs(times) } };
}

/** Refused before, and not yet to be published again. */
export function waitsForRetry({ refused }: Activation, entry: OutboxEntry, now: number): boolean {
  return refused !== undefined && now < refused.retryAt && refused.entries.includes(entry);
}
