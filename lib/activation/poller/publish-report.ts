import type { DeadLetterQueue, EventPublisher, PublishOutcome } from '../model/message-ports.ts';
import type { Log, Metrics } from '../model/ports.ts';

const SHOWN = 5;

/**
 * Wraps the bus and the dead-letter queue and counts the messages they did not store. `report` writes the counts in one
 * log line and resets them.
 */
export function createPublishReport(deps: { publisher: EventPublisher; deadLetters: DeadLetterQueue }) {
  let refused = new Map<string, string>();
  let unavailable = 0;
  let cause: string | undefined;

  const count = (messages: number, outcome: PublishOutcome): PublishOutcome => {
    for (const [id, code] of outcome.refused) refused.set(id, code);
    unavailable += messages - outcome.stored.size - outcome.refused.size;
    cause ??= outcome.cause;
    return outcome;
  };

  return {
    publisher: {
      publish: async (events) => count(events.length, await deps.publisher.publish(events)),
    } satisfies EventPublisher,
    deadLetters: {
      send: async (deadLetters) => count(deadLetters.length, await deps.deadLetters.send(deadLetters)),
    } satisfies DeadLetterQueue,
    report({ log, metrics }: { log: Log; metrics: Metrics }): void {
      if (refused.size > 0) metrics.count('RefusedMessages', refused.size);
      if (refused.size + unavailable > 0) {
        log.error('not all events and dead letters were published', {
          refused: refused.size,
          codes: [...new Set(refused.values())].slice(0, SHOWN),
          ids: [...refused.keys()].slice(0, SHOWN),
          unavailable,
          cause,
        });
      }
      refused = new Map();
      unavailable = 0;
      cause = undefined;
    },
  };
}
