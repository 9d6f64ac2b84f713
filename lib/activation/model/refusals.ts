import type { Activation, OutboxEntry } from './activation.ts';
import type { Policy } from './policy.ts';
import type { Random } from './ports.ts';

const REFUSED_CAP_MS = 3_600_000;

/** The delay after `times` refusals in a row: doubles each time, up to one hour, with jitter. */
export function refusedDelayMs(times: number, { tickMs }: Pick<Policy, 'tickMs'>, random: Random): number {
  const ceiling = Math.min(REFUSED_CAP_MS, tickMs * 2 ** Math.min(times, 40));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** Records that the bus or the queue refused these entries. Other entries of the outbox are not delayed. */
export function recordRefusal(
  activation: Activation,
  refused: OutboxEntry[],
  retryAfterMs: (times: number) => number,
  now: number,
): Activation {
  const { outbox, refused: previous } = activation;
  // Version 0.3 publishes entries without removing them from `refused`.
  const earlier = previous?.entries.filter((entry) => outbox.includes(entry)) ?? [];
  const times = earlier.length > 0 ? (previous?.times ?? 0) + 1 : 1;
  const entries = [...new Set([...earlier, ...refused])];
  return { ...activation, refused: { entries, times, retryAt: now + retryAfterMs(times) } };
}

/** Whether the entry was refused and its next try is not due yet. */
export function waitsForRetry({ refused }: Activation, entry: OutboxEntry, now: number): boolean {
  return refused !== undefined && now < refused.retryAt && refused.entries.includes(entry);
}
