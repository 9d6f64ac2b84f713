import { mapConcurrently } from '../../runtime/concurrency.ts';
import { type Activation, isOpen, type OutboxEntry } from '../model/activation.ts';
import { clearOutbox } from '../model/endings.ts';
import { outboxEventIdOf } from '../model/ids.ts';
import type { DeadLetterQueue, EventPublisher, PublishOutcome } from '../model/message-ports.ts';
import { deadLetterOf, eventOf } from '../model/outbox-events.ts';
import type { Policy } from '../model/policy.ts';
import type { ActivationStore, Clock, Random } from '../model/ports.ts';
import { recordRefusal, refusedDelayMs, waitsForRetry } from '../model/refusals.ts';
import { idsOf } from '../model/tracing.ts';
import type { Isolated } from './poller-deps.ts';

export type OutboxRelay = {
  /**
   * Publishes the entries of the outboxes and removes exactly the published ones. Records refused entries, and retries
   * them with growing delays. Returns the new records, without those that another writer changed or that could not be
   * written. Never throws for an error of the bus or the queue.
   */
  publish(activations: Activation[], isolated: Isolated): Promise<Activation[]>;
  /** Returns the record without the entries that this relay has published, for a write that the caller makes anyway. */
  withoutPublished(activation: Activation): Activation;
  /** Call this after that write: the relay forgets the entries it published for the activation. */
  forget(activation: Activation): void;
};

const NOTHING: PublishOutcome = { stored: new Set(), refused: new Map() };
const CLEAR_CONCURRENCY = 16;
const REMEMBERED_LIMIT = 20_000;
/**
 * A pending activation normally gets its next write within seconds, and that write removes the published entries. After
 * this time the relay makes a write of its own.
 */
const REMOVAL_MAY_WAIT_MS = 60_000;

/**
 * Invariant 5: publishes each entry at least once, with one id. The relay remembers what it published for a pending
 * activation, so that the removal needs no extra write. A new container does not remember it and publishes the entry
 * again, with the same id and bytes.
 */
export function createOutboxRelay(deps: {
  store: ActivationStore;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  now: Clock;
  random: Random;
  policy: Pick<Policy, 'tickMs'>;
  /** Called for each activation whose final event was published, perhaps more than once. */
  onEnd?: (ended: Activation) => void;
}): OutboxRelay {
  /** When, by the id of the event or dead letter. */
  const publishedAt = new Map<string, number>();

  const publishedAtOf = ({ activationId }: Activation, entry: OutboxEntry) =>
    publishedAt.get(outboxEventIdOf(activationId, entry));

  const publishedOf = (activation: Activation) =>
    new Map(
      activation.outbox.flatMap((entry) => {
        const at = publishedAtOf(activation, entry);
        return at === undefined ? [] : [[entry, at] as const];
      }),
    );

  const retryAfterMs = (times: number) => refusedDelayMs(times, deps.policy, deps.random);

  /** Returns the ids of the refused messages. */
  const send = async (activations: Activation[]): Promise<ReadonlySet<string>> => {
    const now = deps.now();
    const events = [];
    const deadLetters = [];
    const endings = new Map<string, Activation>();
    for (const activation of activations) {
      for (const entry of activation.outbox) {
        if (publishedAtOf(activation, entry) !== undefined || waitsForRetry(activation, entry, now)) continue;
        if (isDeadLetter(entry)) {
          deadLetters.push({
            id: outboxEventIdOf(activation.activationId, entry),
            deadLetter: deadLetterOf(activation),
            ids: idsOf(activation),
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
    const at = deps.now();
    for (const id of [...published.stored, ...sent.stored]) publishedAt.set(id, at);
    for (const [id, ended] of endings) if (published.stored.has(id)) deps.onEnd?.(ended);
    return new Set([...published.refused.keys(), ...sent.refused.keys()]);
  };

  const clear = async (activation: Activation, refusedIds: ReadonlySet<string>) => {
    const published = publishedOf(activation);
    const refused = activation.outbox.filter((entry) =>
      refusedIds.has(outboxEventIdOf(activation.activationId, entry)),
    );
    const mayWait = isOpen(activation) && deps.now() - (activation.pendingAt ?? 0) < REMOVAL_MAY_WAIT_MS;
    if (refused.length === 0 && (published.size === 0 || mayWait)) return activation;
    const recorded =
      refused.length > 0 ? recordRefusal(activation, refused, retryAfterMs, deps.now()) : activation;
    const cleared = clearOutbox(recorded, published);
    if (!(await deps.store.transition(activation, cleared))) return undefined;
    forget(activation);
    return { ...cleared, version: activation.version + 1 };
  };

  const forget = (activation: Activation) => {
    for (const entry of activation.outbox)
      publishedAt.delete(outboxEventIdOf(activation.activationId, entry));
  };

  return {
    async publish(activations, isolated) {
      if (publishedAt.size > REMEMBERED_LIMIT) publishedAt.clear();
      const refusedIds = await send(activations);
      const current = await mapConcurrently(activations, CLEAR_CONCURRENCY, (activation) =>
        isolated('clearing an outbox', () => clear(activation, refusedIds)),
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
