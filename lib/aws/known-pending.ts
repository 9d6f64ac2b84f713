import type { Activation } from '../activation/model/activation.ts';
import { type ItemKey, keyOf } from './item-key.ts';
import type { Item } from './item-update.ts';

/** A pending activation is read again after this time. */
const KNOWN_FOR_MS = 30_000;
const KNOWN_LIMIT = 20_000;

/**
 * The pending activations that this container has read lately, so that a tick reads only what is new to it. What others
 * write to a pending activation can wait: a batch joins, or another poller writes what it observed. If the observation of
 * this container ends the activation, the write is refused, because its version is old (Invariant 4). Then the
 * activation is forgotten and read.
 */
export type KnownPending = {
  /** `entry`: as the index `due` holds it. Undefined if its `dueAt` has moved, or if it was read too long ago. */
  find(entry: Item, now: number): Activation | undefined;
  remember(read: Activation[], now: number): void;
  /** Call this before each write. */
  forget(activation: Activation): void;
};

export function createKnownPending(): KnownPending {
  const known = new Map<string, { activation: Activation; readAt: number }>();
  let prunedAt = 0;
  const isValid = ({ readAt }: { readAt: number }, now: number) => now - readAt < KNOWN_FOR_MS;

  return {
    find(entry, now) {
      const found = known.get(nameOf(entry));
      const isSame = found?.activation.dueAt === entry.dueAt;
      return found && isSame && isValid(found, now) ? found.activation : undefined;
    },
    remember(read, now) {
      if (known.size > KNOWN_LIMIT && !isValid({ readAt: prunedAt }, now)) {
        prunedAt = now;
        for (const [name, one] of known) if (!isValid(one, now)) known.delete(name);
      }
      if (known.size > KNOWN_LIMIT) return;
      for (const activation of read) {
        if (activation.status === 'pending')
          known.set(nameOf(keyOf(activation)), { activation, readAt: now });
      }
    },
    forget(activation) {
      known.delete(nameOf(keyOf(activation)));
    },
  };
}

function nameOf({ pk, sk }: ItemKey | Item): string {
  return `${pk} ${sk}`;
}
