import { type Activation, isOpen, type OutboxEntry } from './activation.ts';
import { mapConcurrently } from './concurrency.ts';
import { clearOutbox } from './endings.ts';
import { deadLetterOf, eventOf } from './facts.ts';
import { factIdOf } from './ids.ts';
import type { ActivationStore, Clock, DeadLetterQueue, EventPublisher } from './ports.ts';

export type OutboxRelay = {
  /**
   * Tells what the outboxes hold and removes just what was told. Answers the records as they now stand, without
   * those that someone else has written meanwhile. Never throws for the bus or the queue.
   */
  tell(activations: Activation[]): Promise<Activation[]>;
  /** The record without what this relay has told already, for a write that is made anyway. */
  withoutTold(activation: Activation): Activation;
  /** After that write: what it removed need not be remembered any longer. */
  forget(activation: Activation): void;
};

const CLEAR_CONCURRENCY = 16;
const REMEMBERED_LIMIT = 20_000;
/** A pending activation's next write mostly comes within seconds and removes what was told; later it gets its own. */
const REMOVAL_MAY_WAIT_MS = 60_000;

/**
 * Rule 5: at least once on the wire, one id per fact. What a pending activation's outbox held is remembered here
 * once told, so that its removal costs no write of its own; a relay that forgets (a new container) tells it again,
 * with the same id and bytes.
 */
export function createOutboxRelay(deps: {
  store: ActivationStore;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  now: Clock;
  /** Hears of each activation whose end has been told, perhaps more than once. */
  onEnd?: (ended: Activation) => void;
}): OutboxRelay {
  const told = new Set<string>();

  const isTold = (activation: Activation, entry: OutboxEntry) =>
    told.has(factIdOf(activation.activationId, entry));

  const toldOf = (activation: Activation) =>
    new Set(activation.outbox.filter((entry) => isTold(activation, entry)));

  const send = async (activations: Activation[]) => {
    const events = [];
    const letters = [];
    const endings = new Map<string, Activation>();
    for (const activation of activations) {
      for (const entry of activation.outbox) {
        if (isTold(activation, entry)) continue;
        if (isDeadLetter(entry)) {
          letters.push({ id: factIdOf(activation.activationId, entry), letter: deadLetterOf(activation) });
        } else {
          const event = eventOf(activation, entry);
          events.push(event);
          if (isEnd(entry)) endings.set(event.id, activation);
        }
      }
    }
    const [published, sent] = await Promise.all([
      events.length > 0 ? deps.publisher.publish(events) : new Set<string>(),
      letters.length > 0 ? deps.deadLetters.send(letters) : new Set<string>(),
    ]);
    for (const id of [...published, ...sent]) told.add(id);
    for (const [id, ended] of endings) if (published.has(id)) deps.onEnd?.(ended);
  };

  const clear = async (activation: Activation) => {
    const sent = toldOf(activation);
    const mayWait = isOpen(activation) && deps.now() - (activation.pendingAt ?? 0) < REMOVAL_MAY_WAIT_MS;
    if (sent.size === 0 || mayWait) return activation;
    const cleared = clearOutbox(activation, sent);
    if (!(await deps.store.transition(activation, cleared))) return undefined;
    forget(activation);
    return { ...cleared, version: activation.version + 1 };
  };

  const forget = (activation: Activation) => {
    for (const entry of activation.outbox) told.delete(factIdOf(activation.activationId, entry));
  };

  return {
    async tell(activations) {
      if (told.size > REMEMBERED_LIMIT) told.clear();
      await send(activations);
      const current = await mapConcurrently(activations, CLEAR_CONCURRENCY, clear);
      return current.filter((activation) => activation !== undefined);
    },
    withoutTold(activation) {
      return clearOutbox(activation, toldOf(activation));
    },
    forget,
  };
}

function isEnd(entry: OutboxEntry): boolean {
  return entry.startsWith('completed#') || entry.startsWith('failed#');
}

function isDeadLetter(entry: OutboxEntry): entry is `dead-letter#${number}` {
  return entry.startsWith('dead-letter#');
}
