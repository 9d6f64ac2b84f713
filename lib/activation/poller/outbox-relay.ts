import { mapConcurrently } from '../../runtime/concurrency.ts';
import { type Activation, isOpen, type OutboxEntry } from '../model/activation.ts';
import { clearOutbox } from '../model/endings.ts';
import { outboxEventIdOf } from '../model/ids.ts';
import { deadLetterOf, eventOf } from '../model/outbox-events.ts';
import type { Policy } from '../model/policy.ts';
import type {
  ActivationStore,
  Clock,
  DeadLetterQueue,
  EventPublisher,
  PublishOutcome,
  Random,
} from '../model/ports.ts';
import { noteRefused, refusedDelayMs, waitsForRetry } from '../model/refusals.ts';
import type { Isolated } from './poller-deps.ts';

export type OutboxRelay = {
  /**
   * Tells what the outboxes hold and removes just what was published. Answers the records as they now stand, without
   * those that someone else has written meanwhile or that could not be written. Never throws for the bus or the queue.
   * What these have refused is put on record, and published again later and later.
   */
  publish(activations: Activation[], isolated: Isolated): Promise<Activation[]>;
  /** The record without what this relay has published already, for a write that is made anyway. */
  withoutPublished(activation: Activation): Activation;
  /** After that write: what it removed need not be remembered any longer. */
  forget(activation: Activation): void;
};

const NOTHING: PublishOutcome = { stored: new Set(), refused: new Map() };
const CLEAR_CONCURRENCY = 16;
const REMEMBERED_LIMIT = 20_000;
/** A pending activation's next write mostly comes within seconds and removes what was published; later it gets its own. */
const REMOVAL_MAY_WAIT_MS = 60_000;

/**
 * Invariant 5: at least once on the wire, one id per fact. What a pending activation's outbox held is remembered here
 * once published, so that its removal costs no write of its own; a relay that forgets (a new container) tells it again,
 * with the same id and bytes.
 */
export function createOutboxRelay(deps: {
  store: ActivationStore;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  now: Clock;
  random: Random;
  policy: Pick<Policy, 'tickMs'>;
  /** Hears of each activation whose end has been published, perhaps more than once. */
  onEnd?: (ended: Activation) => void;
}): OutboxRelay {
  const publishedIds = new Set<string>();

  const isPublished = (activation: Activation, entry: OutboxEntry) =>
    publishedIds.has(outboxEventIdOf(activation.activationId, entry));

  const publishedOf = (activation: Activation) =>
    new Set(activation.outbox.filter((entry) => isPublished(activation, entry)));

  const retryAfterMs = (times: number) => refusedDelayMs(times, deps.policy, deps.random);

  /** Answers the ids of what was refused. */
  const send = async (activations: Activation[]): Promise<ReadonlySet<string>> => {
    const now = deps.now();
    const events = [];
    const deadLetters = [];
    const endings = new Map<string, Activation>();
    for (const activation of activations) {
      for (const entry of activation.outbox) {
        if (isPublished(activation, entry) || waitsForRetry(activation, entry, now)) continue;
        if (isDeadLetter(entry)) {
          deadLetters.push({
            id: outboxEventIdOf(activation.activationId, entry),
            deadLetter: deadLetterOf(activation),
          });
        } else {
          const event = eventOf(activation, entry);
          events.push(event);
          if (isEnd(entry)) endings.set(event.id, activation);
        }
      }
    }
    const [published, sent] = await Promise.all([
      events.length > 0 ? deps.publisher.publish(events) : NOTHING,
      deadLetters.length > 0 ? deps.deadLetters.send(deadLetters) : NOTHING,
    ]);
    for (const id of [...published.stored, ...sent.stored]) publishedIds.add(id);
    for (const [id, ended] of endings) if (published.stored.has(id)) deps.onEnd?.(ended);
    return new Set([...published.refused.keys(), ...sent.refused.keys()]);
  };

  const clear = async (activation: Activation, refusedIds: ReadonlySet<string>) => {
    const sent = publishedOf(activation);
    const refused = activation.outbox.filter((entry) =>
      refusedIds.has(outboxEventIdOf(activation.activationId, entry)),
    );
    const mayWait = isOpen(activation) && deps.now() - (activation.pendingAt ?? 0) < REMOVAL_MAY_WAIT_MS;
    if (refused.length === 0 && (sent.size === 0 || mayWait)) return activation;
    const noted =
      refused.length > 0 ? noteRefused(activation, refused, retryAfterMs, deps.now()) : activation;
    const cleared = clearOutbox(noted, sent);
    if (!(await deps.store.transition(activation, cleared))) return undefined;
    forget(activation);
    return { ...cleared, version: activation.version + 1 };
  };

  const forget = (activation: Activation) => {
    for (const entry of activation.outbox)
      publishedIds.delete(outboxEventIdOf(activation.activationId, entry));
  };

  return {
    async publish(activations, isolated) {
      if (publishedIds.size > REMEMBERED_LIMIT) publishedIds.clear();
      const refusedIds = await send(activations);
      const current = await mapConcurrently(activations, CLEAR_CONCURRENCY, (activation) =>
        isolated('removing what was published', () => clear(activation, refusedIds)),
      );
      return current.filter((activation) => activation !== undefined);
    },
    withoutPublished(activation) {
      return clearOutbox(activation, publishedOf(activation));
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
