import type { DeadLetterQueue, EventPublisher, Log, Metrics, PublishOutcome } from '../model/ports.ts';

const SHOWN = 5;

/**
 * The bus and the dead-letter queue, with a count of what they did not take. `report` writes it as one line, however
 * much it is, and begins anew.
 */
export function createPublishReport(deps: { publisher: EventPublisher; deadLetters: DeadLetterQueue }) {
  let refused = new Map<string, string>();
  let left = 0;
  let cause: string | undefined;

  const note = (asked: number, outcome: PublishOutcome): PublishOutcome => {
    for (const [id, code] of outcome.refused) refused.set(id, code);
    left += asked - outcome.stored.size - outcome.refused.size;
    cause ??= outcome.cause;
    return outcome;
  };

  return {
    publisher: {
      publish: async (events) => note(events.length, await deps.publisher.publish(events)),
    } satisfies EventPublisher,
    deadLetters: {
      send: async (deadLetters) => note(deadLetters.length, await deps.deadLetters.send(deadLetters)),
    } satisfies DeadLetterQueue,
    report({ log, metrics }: { log: Log; metrics: Metrics }): void {
      if (refused.size > 0) metrics.count('RefusedMessages', refused.size);
      if (refused.size + left > 0) {
        log.error('not all events and dead letters are out', {
          refused: refused.size,
          codes: [...new Set(refused.values())].slice(0, SHOWN),
          ids: [...refused.keys()].slice(0, SHOWN),
          unavailable: left,
          cause,
        });
      }
      refused = new Map();
      left = 0;
      cause = undefined;
    },
  };
}
